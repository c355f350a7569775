// What a student wrote in the pages: kept in this browser, by assignment, and put into the
// notebook that is handed in.

const key = (slug) => `lstm-answers-${slug}`;

/** All answers of an assignment: { function: { code, passed } }. */
export const answersOf = (slug) => {
  try {
    return JSON.parse(localStorage.getItem(key(slug))) ?? {};
  } catch {
    return {};
  }
};

/** Keep an answer; undefined forgets it. Returns whether the browser kept it. */
export const keep = (slug, name, answer) => {
  try {
    const all = answersOf(slug); // another tab may have written meanwhile
    if (answer) all[name] = answer;
    else delete all[name];
    localStorage.setItem(key(slug), JSON.stringify(all));
  } catch {
    return false;
  }
  dispatchEvent(new CustomEvent("lstm-answers", { detail: slug }));
  return true;
};

export const sourceOf = (cell) => [cell.source].flat().join("");

const nbgraderOf = (cell) => cell.metadata?.nbgrader ?? {};

/** The cells that a student fills in: functions, and the written answer. */
export const toFill = (notebook) => notebook.cells.filter((cell) => nbgraderOf(cell).solution);

/** The functions, in order. */
export const functionsOf = (notebook) =>
  toFill(notebook).filter((cell) => cell.cell_type === "code");

/** The function that a test is about: of those whose name its own begins with, the longest. */
const tested = (notebook, test) =>
  functionsOf(notebook)
    .map((cell) => cell.id)
    .filter((name) => test.id === `test_${name}` || test.id.startsWith(`test_${name}_`))
    .sort((one, other) => other.length - one.length)[0];

export const testsOf = (notebook, name) =>
  notebook.cells.filter(
    (cell) => nbgraderOf(cell).grade && cell.cell_type === "code" && tested(notebook, cell) === name,
  );

export const pointsOf = (notebook, name) =>
  testsOf(notebook, name).reduce((sum, test) => sum + nbgraderOf(test).points, 0);

/** What runs when a function is checked: what stands above it, with the answers, it, its tests. */
export const toCheck = (notebook, name, answers) => {
  const at = notebook.cells.findIndex((cell) => cell.id === name);
  const above = notebook.cells
    .slice(0, at)
    .filter((cell) => cell.cell_type === "code" && !nbgraderOf(cell).grade);
  const code = (cell) => answers[cell.id]?.code ?? sourceOf(cell);
  return [
    ...above.map((cell) => ({ name: cell.id, code: code(cell), quiet: true })),
    ...[notebook.cells[at], ...testsOf(notebook, name)].map((cell) => ({
      name: cell.id,
      code: code(cell),
    })),
  ];
};

/** The notebook with the answers in it, as it is handed in. */
export const filled = (notebook, answers) => ({
  ...notebook,
  cells: notebook.cells.map((cell) =>
    nbgraderOf(cell).solution && answers[cell.id]
      ? { ...cell, source: answers[cell.id].code }
      : cell,
  ),
});

/** Let the browser save a notebook. */
export const download = (notebook, name) => {
  const text = `${JSON.stringify(notebook, null, 1)}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
