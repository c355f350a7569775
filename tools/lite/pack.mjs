// Packs Python so that it starts quickly in a page: node pack.mjs FOLDER
//
// FOLDER is what lite_build.py put together: Pyodide and wheels, each checked. Run with that very
// Python, it writes wheels with compiled modules into FOLDER/packed, and snapshot.bin: its memory
// once it has started. Who loads the snapshot need not start it again, which takes seconds.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide } from "pyodide";

const [folder] = process.argv.slice(2).map((name) => path.resolve(name) + path.sep);
const here = path.dirname(fileURLToPath(import.meta.url));
const options = { indexURL: folder, packageBaseUrl: folder, env: { MPLBACKEND: "agg" } };
const quiet = { messageCallback() {} };

// What our packages import of the standard library is in the snapshot already.
const python = await loadPyodide(options);
python.mountNodeFS("/mnt", folder);
python.runPython(fs.readFileSync(path.join(here, "pack.py"), "utf-8"));
python.globals.get("pack_wheels")("/mnt", "/mnt/packed");
await python.loadPackage(["numpy", "lstm-course", "matplotlib"], quiet);
const modules = python.globals.get("imported")(["numpy", "lstm_ref", "lstm_check"]).toJs();
python.globals.get("write_font_list")("/mnt/packed");

const fresh = await loadPyodide({ ...options, _makeSnapshot: true });
fresh.globals.set("modules", fresh.toPy(modules));
fresh.runPython(`
import gc, importlib
for name in modules:
    importlib.import_module(name)
del modules, name
importlib.invalidate_caches()
gc.collect()
`);
fs.writeFileSync(path.join(folder, "packed/snapshot.bin"), fresh.makeMemorySnapshot());
