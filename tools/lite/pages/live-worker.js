// Runs a chapter's cells in Python, away from the page: it stays responsive, and can stop this.
import { loadPyodide } from "./static/pyodide/pyodide.mjs";

const load = async () => {
  postMessage({ progress: "Loading Python and NumPy, 16 MB the first time …" });
  const python = await loadPyodide({ indexURL: "static/pyodide/", packages: ["numpy", "lstm-course"] });
  // Arrays wrap in the output's width, tracebacks name no internals.
  python.runPython("import numpy; numpy.set_printoptions(linewidth=76)");
  return python;
};
let python;

// The lines of a traceback that are about the cell.
const brief = (text) =>
  text.replace(/^  File "\/lib\/python[^\n]*\n(    [^\n]*\n)*/gm, "").trim();

onmessage = async ({ data: cells }) => {
  try {
    python = await (python ?? load());
  } catch {
    python = undefined;
    postMessage({ failed: true });
    return;
  }
  postMessage({ progress: "Running …" });
  const done = [];
  let lines = [];
  python.setStdout({ batched: (line) => lines.push(line) });
  python.setStderr({ batched: (line) => lines.push(line) });
  for (const [k, code] of cells) {
    lines = [];
    try {
      await python.loadPackagesFromImports(code, { messageCallback() {} });
      const value = await python.runPythonAsync(code, { filename: "this cell" });
      if (value !== undefined) lines.push(String(value));
      done.push(k);
    } catch (error) {
      lines.push(brief(error.message));
      break;
    }
  }
  postMessage({ output: lines.join("\n"), done });
};
