// What a page loads when a reader first wants Python: see book/_static/in-browser.js.
import * as exercises from "./exercises.js";
import * as live from "./live.js";
import { onReady, prepare, wasUsed } from "./python.js";

export const press = live.press;
export const write = exercises.open;
export const writeAll = exercises.openAll;
export const fromAddress = live.fromAddress;
export { prepare, wasUsed };

// Where the time went, for whoever measures: ms from the start of the worker.
onReady(({ time, loaded }) => {
  window.pythonTimes = { ...time, bytes: loaded };
});
