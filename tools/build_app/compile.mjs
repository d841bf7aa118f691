// Turn Python sources into byte code with the very Pyodide that will run it: node compile.mjs PYODIDE FROM TO
// FROM and TO are zips; TO has a .pyc without docstrings for each .py of FROM, and everything else as it is.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, from, to] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")).href);

async function compile() {
  const pyodide = await loadPyodide({ indexURL: folder + path.sep });
  pyodide.FS.writeFile("/from.zip", await readFile(from));
  pyodide.runPython(`
    import _imp, importlib.util, marshal, zipfile

    with zipfile.ZipFile("/from.zip") as source, zipfile.ZipFile("/to.zip", "w") as target:
        for path in source.namelist():
            content = source.read(path)
            if path.endswith(".py"):
                code = compile(content, path, "exec", dont_inherit=True, optimize=2)
                # The form of a .pyc that is never checked against its source.
                magic, flags = importlib.util.MAGIC_NUMBER, (1).to_bytes(4, "little")
                content = magic + flags + bytes(8) + marshal.dumps(code)
                path += "c"
            target.writestr(path, content)
  `);
  await writeFile(to, pyodide.FS.readFile("/to.zip"));
}

try {
  await compile();
} catch (error) {
  // Node's own report of it would begin with the line it was thrown from: a megabyte of Pyodide.
  console.error(error.message);
  process.exit(1);
}
