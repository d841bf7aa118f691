"use strict";

// Serverless plugin: builds the site (tools/build_app) before a service is deployed and uploads it afterwards into the
// bucket that the service's template names `SiteBucket`; empties the bucket before the service is removed.
//
// Objects are what the build's manifest says: each file as it is, and beside it, as `NAME.br` and `NAME.gz`, its
// compressed forms. Nobody sees half a release: what never changes is uploaded first, the pages that refer to it last,
// and files of the release before stay, for those who have its page open. Older ones are deleted.

const { execFile } = require("node:child_process");
const fs = require("node:fs/promises");
const { createRequire } = require("node:module");
const path = require("node:path");
const { promisify } = require("node:util");

const ofOsls = createRequire(require.resolve("osls/package.json"));
const S3 = ofOsls("@aws-sdk/client-s3");
const { CloudFormationClient, DescribeStackResourceCommand } = ofOsls("@aws-sdk/client-cloudformation");

const ROOT = path.join(__dirname, "..");
const PYTHON = path.join(ROOT, ".venv", "bin", "python");
const FOLDER = path.join(ROOT, "build", "site");
const RELEASES = ".releases.json";
const AT_ONCE = 8;

class SiteUpload {
  constructor(serverless, _options, { log }) {
    this.provider = serverless.getProvider("aws");
    this.log = log;
    this.hooks = {
      "before:deploy:deploy": () => this.build(),
      "after:deploy:deploy": () => this.upload(),
      "before:remove:remove": () => this.empty(),
    };
  }

  async build() {
    await promisify(execFile)(PYTHON, ["-m", "tools.build_app", FOLDER], { cwd: ROOT });
  }

  async upload() {
    const { files } = JSON.parse(await fs.readFile(path.join(FOLDER, "manifest.json"), "utf8"));
    const bucket = await this.bucket();
    const objects = objectsOf(files);
    const there = await this.sizes(bucket);
    const before = await this.releases(bucket);
    // A digest names what a file is; compressed better, it is the same under the same name, and smaller.
    const missing = objects.filter(({ key, immutable, bytes }) => !(immutable && there.get(key) === bytes));
    for (const rank of [0, 1, 2]) {
      await inTurns(missing.filter((object) => object.rank === rank), (object) => this.put(bucket, object));
    }
    const keys = objects.map(({ key }) => key).sort();
    const same = JSON.stringify(keys) === JSON.stringify(before.current);
    const previous = same ? before.previous : before.current;
    await this.send(new S3.PutObjectCommand({
      Bucket: bucket, Key: RELEASES, ContentType: "application/json", Body: JSON.stringify({ current: keys, previous }),
    }));
    const kept = new Set([RELEASES, ...keys, ...previous]);
    await this.delete(bucket, [...there.keys()].filter((key) => !kept.has(key)));
    this.log.notice(`site: ${missing.length} of ${objects.length} objects uploaded to ${bucket}`);
  }

  async empty() {
    const bucket = await this.bucket();
    if (bucket) await this.delete(bucket, [...(await this.sizes(bucket)).keys()]);
  }

  async put(bucket, { key, file, encoding, contentType, cacheControl }) {
    await this.send(new S3.PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: await fs.readFile(path.join(FOLDER, file)),
      ContentType: contentType,
      CacheControl: cacheControl,
      ...(encoding === "identity" ? {} : { ContentEncoding: encoding }),
    }));
  }

  async releases(bucket) {
    try {
      const { Body } = await this.send(new S3.GetObjectCommand({ Bucket: bucket, Key: RELEASES }));
      return JSON.parse(await Body.transformToString());
    } catch (error) {
      if (error.name !== "NoSuchKey") throw error;
      return { current: [], previous: [] };
    }
  }

  // Every object's size by its key.
  async sizes(bucket) {
    const found = new Map();
    let ContinuationToken;
    do {
      const page = await this.send(new S3.ListObjectsV2Command({ Bucket: bucket, ContinuationToken }));
      for (const { Key, Size } of page.Contents ?? []) found.set(Key, Size);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return found;
  }

  async delete(bucket, keys) {
    for (let start = 0; start < keys.length; start += 1000) {
      const Objects = keys.slice(start, start + 1000).map((Key) => ({ Key }));
      const { Errors = [] } = await this.send(new S3.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      if (Errors.length) throw new Error(`${bucket}: ${Errors[0].Key} cannot be deleted: ${Errors[0].Message}`);
    }
  }

  // The name of the bucket, undefined where the stack has none (or is not there).
  async bucket() {
    const cloudFormation = new CloudFormationClient(await this.provider.getAwsSdkV3Config());
    try {
      const found = await cloudFormation.send(new DescribeStackResourceCommand({
        StackName: this.provider.naming.getStackName(), LogicalResourceId: "SiteBucket",
      }));
      return found.StackResourceDetail.PhysicalResourceId;
    } catch (error) {
      if (error.name !== "ValidationError") throw error;
      return undefined;
    }
  }

  async send(command) {
    this.s3 ??= new S3.S3Client(await this.provider.getAwsSdkV3Config());
    return this.s3.send(command);
  }
}

// Every object of a manifest's files, ranked by when it may be seen: what carries its digest in its name, the rest, pages.
function objectsOf(files) {
  return Object.entries(files).flatMap(([name, { contentType, cacheControl, encodings }]) => {
    const immutable = cacheControl.includes("immutable");
    const rank = immutable ? 0 : name.endsWith(".html") ? 2 : 1;
    return Object.entries(encodings).map(([encoding, { file, bytes }]) => (
      { key: file, file, bytes, encoding, contentType, cacheControl, immutable, rank }
    ));
  });
}

async function inTurns(objects, act) {
  const left = [...objects];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = left.shift(); next; next = left.shift()) await act(next);
  }));
}

module.exports = SiteUpload;
