// What the theme leaves out: previews, light print, search from a folder.
"use strict";

// Shows what a link to an equation, a term or a citation leads to, while the pointer or the
// keyboard's focus rests on it. Without this script the link just leads there.
{
  const root = document.documentElement.dataset.content_root;
  const base = new URL(root, location.href).pathname;
  const wait = 150; // ms: a pointer passing over a link opens nothing
  let data, box, link, showing, hiding;

  // The key of previews-data.js that a link leads to: "book/glossary.html#term-batch".
  const key = (a) => a.pathname.slice(base.length) + a.hash;

  const load = () =>
    (data ??= new Promise((resolve) => {
      window.lstmPreviews = resolve;
      const script = document.createElement("script");
      script.src = root + "previews-data.js";
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

  const show = async (a) => {
    const content = (await load())[key(a)];
    if (a !== link || !content) return;
    a.removeAttribute("title"); // or the browser shows its own as well
    box = document.createElement("div");
    box.className = "preview";
    box.id = "preview";
    box.setAttribute("role", "tooltip");
    box.innerHTML = content;
    a.closest("article").append(box);
    a.setAttribute("aria-describedby", "preview");
    place();
  };

  const isOurs = (element) => link?.contains(element) || box?.contains(element);

  const enter = ({ target }) => {
    if (isOurs(target)) return clearTimeout(hiding);
    const a = target.closest?.("article a.internal[href*='#']");
    if (!a) return;
    hide();
    link = a;
    showing = setTimeout(show, wait, a);
  };

  const leave = ({ target, relatedTarget }) => {
    if (!isOurs(target) || isOurs(relatedTarget)) return;
    if (box) hiding = setTimeout(hide, wait);
    else hide();
  };

  document.addEventListener("mouseover", enter);
  document.addEventListener("mouseout", leave);
  document.addEventListener("focusin", enter);
  document.addEventListener("focusout", leave);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
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

// From a folder, the search page may not fetch the pages it found to quote them.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
