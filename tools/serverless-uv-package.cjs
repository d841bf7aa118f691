"use strict";

// Serverless plugin: before a service is packaged, build its zip from uv.lock (tools/build_package.py) and name
// it as the artifact. The package is for the machine the functions will run on: this one when AWS_ENDPOINT_URL
// points at a local AWS, otherwise Lambda on the architecture that the template declares. `custom.packageExtras`
// lists extras of the service's pyproject.toml to include; `custom.packageSources: false` leaves out what only people
// read of our own code; `custom.packageFiles` names further files, by where they go in the package.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const PYTHON = path.join(__dirname, "..", ".venv", "bin", "python");
const PLATFORMS = { arm64: "aarch64-manylinux_2_28", x86_64: "x86_64-manylinux_2_28" };

class UvPackage {
  constructor(serverless) {
    this.serverless = serverless;
    const build = () => this.build();
    this.hooks = {
      "before:package:createDeploymentArtifacts": build,
      "before:deploy:function:packageFunction": build,
    };
  }

  build() {
    if (!fs.existsSync(PYTHON)) {
      throw new this.serverless.classes.Error(`Run \`make setup\` first: ${PYTHON} is missing`);
    }
    const { service, serviceDir } = this.serverless;
    const { architecture = "x86_64", runtime } = service.provider;
    const { packageExtras = [], packageFiles = {}, packageSources = true } = service.custom ?? {};
    const platform = process.env.AWS_ENDPOINT_URL ? "host" : PLATFORMS[architecture];
    const artifact = execFileSync(
      PYTHON,
      [
        path.join(__dirname, "build_package.py"),
        path.basename(serviceDir),
        "--platform", platform,
        "--python", runtime.replace("python", ""),
        ...packageExtras.flatMap((extra) => ["--extra", extra]),
        ...Object.entries(packageFiles).flatMap(([to, from]) => ["--file", `${to}=${from}`]),
        ...(packageSources ? [] : ["--no-sources"]),
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
    ).trim();
    service.package = { ...service.package, artifact };
  }
}

module.exports = UvPackage;
