/* What pictures one can touch want of their page: whether anybody sees them, turns in the time that
   the page has left, and an address that holds a state. */
const Picture = (() => {
  /* Call back with true or false whenever an element comes into view or goes out of it, be it that
     the reader scrolls or takes another tab. Returns what ends that. */
  function watch(element, changed) {
    let near = false, seen;
    const tell = () => {
      const now = near && !document.hidden;
      if (now !== seen) changed(seen = now);
    };
    const observer = new IntersectionObserver((entries) => { // a slow page hands over several at once
      near = entries.at(-1).isIntersecting;
      tell();
    });
    observer.observe(element);
    document.addEventListener("visibilitychange", tell);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", tell);
    };
  }

  /* Take a turn when the page has nothing else to do: what the reader does comes first, and so do
     others who wait for such a turn. `work` gets a function that says how many ms are left. Some
     browsers know no such moments, and Chromium has none from a click to the next frame. */
  function whenIdle(work) {
    if (!window.requestIdleCallback) return { timer: setTimeout(() => work(fixed()), 4) };
    return { idle: requestIdleCallback((deadline) => work(() => deadline.timeRemaining()), { timeout: 50 }) };
  }
  const fixed = (end = performance.now() + 8) => () => end - performance.now();

  function cancel(turn) {
    clearTimeout(turn?.timer);
    if (turn?.idle) cancelIdleCallback(turn.idle);
  }

  // The address holds a state as JSON after the element's name and number: "#lstm-cell-1={…}".
  const key = (element) => {
    const name = element.localName;
    return `#${name}-${[...document.querySelectorAll(name)].indexOf(element) + 1}=`;
  };

  /* Put a state into the address and into the clipboard; the button says what became of it. */
  function copy(element, state, button) {
    const rounded = (_, value) => (typeof value === "number" ? Number(value.toFixed(3)) : value);
    history.replaceState(null, "", key(element) + encodeURIComponent(JSON.stringify(state, rounded)));
    const say = (words) => {
      button.textContent = words;
      setTimeout(() => { button.textContent = "Copy link"; }, 2000);
    };
    const failed = () => say("It is in the address");
    if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(() => say("Copied"), failed);
    else failed();
  }

  /* The state that the address holds for an element, or undefined, also where somebody cut it. */
  function sent(element) {
    const start = key(element);
    if (!location.hash.startsWith(start)) return undefined;
    try {
      const state = JSON.parse(decodeURIComponent(location.hash.slice(start.length)));
      return state && typeof state === "object" ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /* What an element's attribute says about its start: set="T=60 bias=-1" is { T: 60, bias: -1 }. */
  const given = (element) => Object.fromEntries((element.getAttribute("set") ?? "").split(" ")
    .filter(Boolean).map((part) => part.split("=")).map(([name, value]) => [name, Number(value)]));

  // A link to a state of the page that is open already: only from its beginning is it taken.
  addEventListener("hashchange", () => { if (/^#[a-z]+-[a-z]+-\d+=/.test(location.hash)) location.reload(); });

  return { cancel, copy, given, sent, watch, whenIdle };
})();
