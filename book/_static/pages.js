// What the theme leaves out: previews, light print, search, menus, true heights.
"use strict";

// Shows what a link to an equation, a term, a citation or a figure leads to, while the pointer or the
// keyboard's focus rests on it; on touch the first tap shows it, and it says where the second leads.
// Without this script the link just leads there.
{
  const root = document.documentElement.dataset.content_root;
  const base = new URL(root, location.href).pathname;
  const wait = 150; // ms: a pointer passing over a link opens nothing
  const LINKS = "article a.internal[href*='#']";
  let data, box, link, showing, hiding;
  let touched = false; // whether the last thing that pointed was a finger

  // The key of previews-data.js that a link leads to: "book/glossary.html#term-batch".
  const key = (a) => a.pathname.slice(base.length) + a.hash;

  const load = () =>
    (data ??= new Promise((resolve) => {
      window.lstmPreviews = resolve;
      const script = document.createElement("script");
      script.src = root + "previews-data.js";
      script.onerror = () => resolve({});
      document.head.append(script);
    }));

  const hide = () => {
    clearTimeout(showing);
    clearTimeout(hiding);
    link?.removeAttribute("aria-describedby");
    box?.remove();
    link = box = undefined;
  };

  // Below the link, or above it where there is no room; never beyond the window's sides.
  const place = () => {
    const at = link.getBoundingClientRect();
    const origin = box.offsetParent.getBoundingClientRect();
    const below = at.bottom + box.offsetHeight + 8 < innerHeight;
    const furthest = document.documentElement.clientWidth - box.offsetWidth - 8;
    const left = Math.max(8, Math.min(at.left, furthest));
    box.style.top = `${(below ? at.bottom : at.top - box.offsetHeight) - origin.top}px`;
    box.style.left = `${left - origin.left}px`;
  };

  // Show what a link leads to; resolves to whether there is anything to show.
  const show = async (a) => {
    const [content, where] = (await load())[key(a)] ?? [];
    if (a !== link || !content) return Boolean(content);
    a.removeAttribute("title"); // or the browser shows its own as well
    box = document.createElement("div");
    box.className = "preview";
    box.id = "preview";
    box.setAttribute("role", "tooltip");
    box.innerHTML = content;
    const line = box.appendChild(document.createElement("p"));
    line.className = "preview-where";
    line.textContent = touched ? `Tap again to go to: ${where}` : where;
    a.closest("article").append(box);
    a.setAttribute("aria-describedby", "preview");
    place();
    return true;
  };

  const isOurs = (element) => link?.contains(element) || box?.contains(element);

  const enter = ({ target }) => {
    if (touched) return;
    if (isOurs(target)) return clearTimeout(hiding);
    const a = target.closest?.(LINKS);
    if (!a) return;
    hide();
    link = a;
    showing = setTimeout(show, wait, a);
  };

  const leave = ({ target, relatedTarget }) => {
    if (touched || !isOurs(target) || isOurs(relatedTarget)) return;
    if (box) hiding = setTimeout(hide, wait);
    else hide();
  };

  const tap = async (event) => {
    if (!touched || isOurs(event.target)) return; // a second tap follows the link
    hide();
    const a = event.target.closest?.(LINKS);
    if (!a) return;
    event.preventDefault();
    link = a;
    if (!(await show(a))) location.href = a.href;
  };

  document.addEventListener("mouseover", enter);
  document.addEventListener("mouseout", leave);
  document.addEventListener("focusin", enter);
  document.addEventListener("focusout", leave);
  addEventListener("pointerdown", ({ pointerType }) => (touched = pointerType === "touch"), true);
  document.addEventListener("click", tap);
  document.addEventListener("keydown", ({ key: pressed }) => {
    touched = false;
    if (pressed === "Escape") hide();
  });
}

// Paper is light. The theme looks at its own switch only.
{
  const { dataset } = document.documentElement;
  let theme;
  addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    dataset.theme = theme;
  });
}

// Search is loaded when somebody begins to: search.js says how it goes.
{
  const root = document.documentElement.dataset.content_root;
  let script;
  const load = () => {
    if (script) return;
    script = document.createElement("script");
    script.src = root + "search-data.js";
    script.onerror = () => (script = undefined);
    document.head.append(script);
  };
  for (const field of document.querySelectorAll("form.bd-search input"))
    field.addEventListener("focus", load);
  const onPage = document.querySelector("main form.bd-search input");
  if (onPage) {
    onPage.value = new URLSearchParams(location.search).get("q") ?? "";
    load();
  }
}

// Where search led to, the words that were found are marked: there alone, and until one goes on.
{
  const words = (place, begins) => {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    const ranges = [];
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (text.parentElement.closest(".katex, script, style, svg")) continue;
      for (const { 0: word, index } of text.data.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
        if (!begins.some((term) => word.toLowerCase().startsWith(term))) continue;
        const range = new Range();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        ranges.push(range);
      }
    }
    return ranges;
  };
  const mark = () => {
    CSS.highlights?.delete("found");
    let found;
    try {
      found = JSON.parse(sessionStorage.getItem("lstm-found"));
      sessionStorage.removeItem("lstm-found");
    } catch {
      // a window that keeps nothing
    }
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place || found?.at !== location.href || !CSS.highlights) return;
    const part = place.matches("dt") ? place.nextElementSibling : place;
    CSS.highlights.set("found", new Highlight(...words(part, found.terms)));
  };
  mark();
  addEventListener("hashchange", mark);
  addEventListener("keydown", ({ key }) => key === "Escape" && CSS.highlights?.delete("found"));
}

// The theme's menus: what they need of Bootstrap, without its 24 kB of script.
{
  const menus = [...document.querySelectorAll("[data-bs-toggle=dropdown]")];
  const set = (button, open) => {
    button.setAttribute("aria-expanded", open);
    button.nextElementSibling.classList.toggle("show", open);
  };
  const close = (but) => menus.filter((button) => button !== but).forEach((button) => set(button, false));
  document.addEventListener("click", ({ target }) => {
    const button = menus.find((one) => one.contains(target));
    close(button);
    if (button) set(button, button.ariaExpanded !== "true");
  });
  document.addEventListener("keydown", ({ key }) => {
    const open = key === "Escape" && menus.find((button) => button.ariaExpanded === "true");
    if (!open) return;
    close();
    open.focus();
  });
}

// A section is laid out when it is about to be seen (pages.css): what needs its measures waits.
{
  // The theme asks which boxes scroll, and so take the keyboard's focus. Until it is known, all do.
  const scrolls = (e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
  const near = new IntersectionObserver(
    (boxes) => {
      const seen = boxes.filter((box) => box.isIntersecting).map((box) => box.target);
      const marks = seen.map((box) => (scrolls(box) ? 0 : -1)); // read all, then write
      seen.forEach((box, k) => {
        box.tabIndex = marks[k];
        near.unobserve(box);
      });
    },
    { rootMargin: "100%" },
  );
  window.markIfScrolls = (box) => {
    if (!box.hasAttribute("tabindex")) box.tabIndex = 0;
    near.observe(box);
  };

  // Whoever begins to scroll gets the others one by one, between two looks: the scroll bar then
  // says how long the page is, and does not jump.
  const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 100));
  addEventListener(
    "scroll",
    () => {
      const sections = [...document.querySelectorAll("article > section > section")];
      const lay = () => {
        if (!sections.length) return;
        sections.shift().style.contentVisibility = "visible";
        later(lay);
      };
      later(lay);
    },
    { once: true, passive: true },
  );
}
