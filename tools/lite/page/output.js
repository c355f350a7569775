// Where a cell's results go: what is loaded or run now, what was printed, drawn, or went wrong.
import { forget, onReady, root } from "./python.js";

export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

export const button = (text, act, attributes = {}) => {
  const made = element("button", { type: "button", textContent: text, ...attributes });
  made.addEventListener("click", act);
  return made;
};

// Whether an attribute may stay: it neither acts nor leads out of the book.
const stays = (name, value) =>
  !/^on/i.test(name) &&
  (!/(href|src|action|data)$/i.test(name) ||
    /^\s*(#|data:image\/png)/i.test(value) ||
    (name === "href" && value.startsWith(root)));

const FORBIDDEN = "script, iframe, frame, object, embed, link, meta, base, form, style, template";

// What cells draw is shown in the page, so nothing in it may act: code may come with a link.
const harmless = (html) => {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const one of parsed.querySelectorAll(FORBIDDEN)) one.remove();
  for (const one of parsed.body.querySelectorAll("*"))
    for (const { name, value } of [...one.attributes])
      if (!stays(name, value)) one.removeAttribute(name);
  return parsed.body.childNodes;
};

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

// One line for the whole page: that Python is kept, how much that is, and a way to forget it.
const keptNote = element("p", { className: "live-kept", hidden: true });
onReady(({ kept }) => {
  keptNote.hidden = false;
  if (!kept) {
    keptNote.replaceChildren("Nothing of Python is kept in this browser now.");
    return;
  }
  const away = button("Forget it", forget, { className: "live-plain" });
  keptNote.replaceChildren(
    `Python is kept in this browser, ${megabytes(kept)}: it starts without a network, on pages ` +
      "you have opened before. ",
    away,
  );
});

let sections; // of the book, by the name that checks give them
// Make links of the sections that a message names.
const linkSections = async (pre) => {
  sections ??= fetch(`${root}sections.json`)
    .then((answer) => (answer.ok ? answer.json() : {}))
    .catch(() => ({}));
  const text = pre.textContent;
  const found = Object.entries(await sections).flatMap(([name, address]) => {
    const words = name.split(" ").map((word) => word.replace(/[^\w\s]/g, "\\$&"));
    const match = new RegExp(words.join("\\s+")).exec(text);
    return match ? [{ at: match.index, said: match[0], address }] : [];
  });
  let end = text.length;
  for (const { at, said, address } of found.sort((one, other) => other.at - one.at)) {
    if (at + said.length > end || pre.textContent !== text) continue;
    const place = pre.firstChild.splitText(at);
    place.splitText(said.length);
    place.replaceWith(element("a", { href: root + address, textContent: said }));
    end = at;
  }
};

/** The place under a cell. `notebook` is where to go when Python cannot be had. */
export class Output {
  constructor(notebook) {
    this.notebook = notebook;
    this.text = element("p", { className: "live-status", role: "status" });
    this.bar = element("progress", { hidden: true, ariaLabel: "Loaded" });
    this.printed = element("div", { className: "live-output", tabIndex: 0, role: "group" });
    this.printed.setAttribute("aria-label", "Output");
    this.printed.hidden = true;
    this.place = element("div", { className: "live-result" }, this.text, this.bar, this.printed);
  }

  status(text, done, total) {
    this.text.textContent = text;
    this.bar.hidden = !total;
    if (total) Object.assign(this.bar, { value: done, max: total });
  }

  clear() {
    this.printed.replaceChildren();
    this.printed.hidden = true;
  }

  show(kind, data) {
    this.printed.hidden = false;
    if (kind === "html") {
      this.printed.append(element("div", { className: "live-drawn" }, ...harmless(data)));
    } else if (kind === "png") {
      const src = `data:image/png;base64,${data}`;
      this.printed.append(element("img", { src, alt: "What this cell draws." }));
    } else {
      const last = this.printed.lastElementChild;
      if (last?.matches("pre") && last.dataset.kind === kind) last.append(data);
      else {
        const made = element("pre", { textContent: data });
        made.dataset.kind = kind;
        this.printed.append(made);
        if (kind === "error") linkSections(made);
      }
    }
  }

  done(text) {
    this.status(text);
    this.place.append(keptNote);
  }

  /** Python could not be had: say why, and where the notebook is. */
  failed(why) {
    const text =
      why === "network"
        ? "There is no network, and Python is not kept in this browser yet. "
        : `Python could not be started (${why}). `;
    this.status("");
    this.text.replaceChildren(
      `${text}Try again, or `,
      element("a", { href: this.notebook, download: "", textContent: "download the notebook" }),
      " and run it on your own computer.",
    );
  }
}

export { root };
