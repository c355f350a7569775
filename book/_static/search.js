// Search: as one types, sections first; by keyboard; also from a folder, where pages may load
// scripts but nothing else. It comes after MiniSearch and before the data: see lstm_pages/search.py.
"use strict";

{
  const root = new URL(document.documentElement.dataset.content_root, location.href).href;
  const MOST = 20; // results; whoever does not find it among these types another word
  const AROUND = 220; // characters of a snippet
  // How much a find counts by where it stands, and by what it is.
  const FIELDS = { title: 6, page: 1.5, text: 1, code: 0.4 };
  const KINDS = { section: 1, page: 0.8, term: 0.7, api: 0.25 };
  const APART = ["book/bibliography.html", "book/resources.html", "book/measured.html"];
  const SMALL = new Set("a an and are as at be by do does for from how i in is it its of on or the this to what when which why with".split(" "));

  const words = (text) => text.normalize("NFC").match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
  // "Gates" is "gate"; an ending that is no plural stays: "loss", "bias".
  const form = (word) => {
    const small = word.toLowerCase().replace(/^_+|_+$/g, "");
    return small.length > 3 ? small.replace(/(?<![sui])s$/, "") : small;
  };
  const searched = (query) => {
    const all = words(query);
    const telling = all.filter((word) => !SMALL.has(word.toLowerCase()));
    return (telling.length ? telling : all).map(form).filter(Boolean);
  };

  let synonyms, entries, index;

  const prepare = (those, these) => {
    synonyms = Object.entries(those);
    const pages = {};
    entries = these.map(([kind, address, title, text, code], id) => {
      const page = address.split("#")[0];
      if (kind === "page") pages[page] = title;
      return { id, kind, address, title, text, code, page: pages[page] ?? "" };
    });
    index = new MiniSearch({
      fields: Object.keys(FIELDS),
      tokenize: words,
      processTerm: (word) => form(word) || null,
    });
    index.addAll(entries);
  };

  // What was typed, and the same in the book's words.
  const phrasings = (query) => {
    const text = ` ${words(query).join(" ").toLowerCase()} `;
    const others = synonyms
      .filter(([theirs]) => text.includes(` ${theirs} `))
      .flatMap(([theirs, ours]) =>
        [ours].flat().map((one) => text.replace(` ${theirs} `, ` ${one} `)),
      );
    return [text, ...others].map(searched);
  };

  // A title that says just what was asked is what was meant; "The forget gate" for "forget gate".
  const named = (entry, terms) => {
    const title = searched(entry.title.replace(/^[\d.]+ /, ""));
    return 1 + (2 * title.filter((word) => terms.includes(word)).length) / Math.max(1, title.length);
  };
  const weight = ({ entry, terms }, asked) => {
    const said = asked.some((some) => entry.text.toLowerCase().includes(some.join(" "))) ? 1.3 : 1;
    const apart = APART.includes(entry.address.split("#")[0]) ? 0.4 : 1;
    return KINDS[entry.kind] * named(entry, terms) * said * apart;
  };

  /** Find entries for what somebody typed, best first; each with the words that were found. */
  const find = (query) => {
    const asked = phrasings(query).filter((some) => some.length);
    if (!asked.length) return [];
    const tree = (combineWith) => ({
      combineWith: "OR",
      queries: asked.map((some) => ({ queries: some, combineWith })),
    });
    const options = {
      boost: FIELDS,
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.25 : false),
      weights: { fuzzy: 0.15, prefix: 0.4 },
      tokenize: (text) => [text],
      processTerm: (term) => term,
    };
    let found = index.search(tree("AND"), options);
    if (!found.length) found = index.search(tree("OR"), options);
    for (const one of found) {
      one.entry = entries[one.id];
      one.score *= weight(one, asked);
    }
    return found.sort((one, other) => other.score - one.score).slice(0, MOST);
  };

  const element = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };

  // The part of a text that has most of what was found, with that marked.
  const snippet = (text, terms) => {
    const hits = [...text.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)].filter((hit) => terms.has(form(hit[0])));
    const fits = (first) => hits.filter(({ index: at }) => at >= first && at < first + AROUND);
    const best = hits.reduce(
      (most, hit) => (fits(hit.index).length > fits(most).length ? hit.index : most),
      hits[0]?.index ?? 0,
    );
    const from = best < 60 || text.length <= AROUND ? 0 : text.indexOf(" ", best - 50) + 1;
    const end = text.lastIndexOf(" ", from + AROUND); // whole words
    const until = text.length <= from + AROUND ? text.length : end > best ? end : from + AROUND;
    const part = element("p", { className: "found-text" }, from ? "… " : "");
    let at = from;
    for (const hit of hits.filter((one) => one.index >= from && one.index + one[0].length <= until)) {
      part.append(text.slice(at, hit.index), element("mark", { textContent: hit[0] }));
      at = hit.index + hit[0].length;
    }
    part.append(text.slice(at, until), until < text.length ? " …" : "");
    return part;
  };

  const NAMES = { term: "Glossary", api: "Reference" };

  const result = ({ entry, terms }) => {
    const found = new Set(terms);
    const link = element("a", { href: root + entry.address, textContent: entry.title });
    link.addEventListener("click", () => {
      try {
        sessionStorage.setItem("lstm-found", JSON.stringify({ at: link.href, terms }));
      } catch {
        // then nothing is marked there
      }
    });
    const where = NAMES[entry.kind] ?? (entry.kind === "page" ? "" : entry.page);
    const inCode = ![...words(entry.text)].some((word) => found.has(form(word)));
    const shown = inCode && words(entry.code).some((word) => found.has(form(word)));
    const item = element("li", {}, element("p", { className: "found-title" }, link));
    if (where) item.firstChild.append(element("span", { className: "found-in", textContent: where }));
    item.append(snippet(shown ? entry.code.replace(/\s+/g, " ") : entry.text, found));
    return item;
  };

  const keys = matchMedia("(hover: hover)").matches ? " Arrow keys go through them." : "";

  // Shows results below a search field. Arrow keys lead through them, and back to the field.
  const mount = (form_) => {
    const field = form_.querySelector("input[type=search]");
    const said = element("p", { className: "found-count", role: "status" });
    const list = element("ol", { className: "found" });
    const box = element("div", { className: "found-box" }, said, list);
    form_.after(box);
    const show = () => {
      const found = find(field.value);
      list.replaceChildren(...found.map(result));
      const many = found.length === MOST ? `The best ${MOST}` : found.length;
      if (!field.value.trim()) said.textContent = "";
      else if (!found.length) said.textContent = "Nothing found. Try another word, or a part of it.";
      else said.textContent = `${many} ${found.length === 1 ? "place" : "places"}.${keys}`;
    };
    field.addEventListener("input", show);
    form_.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    form_.parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const stops = [field, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement);
      if (!step || at < 0) return;
      event.preventDefault();
      stops[Math.max(0, Math.min(stops.length - 1, at + step))].focus();
    });
    list.addEventListener("click", ({ target }) => target.closest("a") && form_.closest("dialog")?.close());
    show();
  };

  window.lstmSearch = (...data) => {
    prepare(...data);
    window.lstmSearch.find = find; // for tests
    document.querySelectorAll("form.bd-search").forEach(mount);
  };
}
