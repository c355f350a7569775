// The editor of a cell: colours, completion, and the keys of a notebook.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { globalCompletion, localCompletionSource, pythonLanguage } from "@codemirror/lang-python";
import { LanguageSupport, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

import { complete } from "./python.js";

// What Python itself knows: names that exist now, attributes of what they are.
const alive = (space) => async (context) => {
  const word = context.matchBefore(/[\w.]+$/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const found = await complete(word.text, space);
  if (!found.length) return null;
  const from = word.from + word.text.lastIndexOf(".") + 1;
  return { from, options: found.map((label) => ({ label })), validFor: /^\w*$/ };
};

// Tab indents, after Escape it leaves the editor: nobody is caught in it.
const tabs = () => {
  let leaves = false;
  const move = (command) => (view) => {
    if (leaves) {
      leaves = false;
      return false;
    }
    return command(view);
  };
  return [
    { key: "Escape", run: () => ((leaves = true), false) },
    { key: "Tab", run: move(indentMore), shift: move(indentLess) },
    { any: (_, event) => (event.key !== "Tab" && event.key !== "Shift" && event.key !== "Escape" && (leaves = false), false) },
  ];
};

/** Make an editor in `parent`; `run` is called for Ctrl+Enter and Shift+Enter, `change` for edits. */
export const edit = (parent, { code, label, space, run, change = () => {} }) => {
  const go = () => (run(), true);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        keymap.of([
          { key: "Ctrl-Enter", mac: "Cmd-Enter", run: go },
          { key: "Shift-Enter", run: go },
        ]),
        keymap.of([...completionKeymap, ...closeBracketsKeymap]),
        keymap.of([...tabs(), ...historyKeymap, ...defaultKeymap]),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        indentUnit.of("    "),
        new LanguageSupport(pythonLanguage),
        syntaxHighlighting(classHighlighter),
        autocompletion({
          override: [alive(space), localCompletionSource, globalCompletion],
          icons: false,
        }),
        EditorView.contentAttributes.of({
          tabindex: "0", // it is the way into what scrolls
          "aria-label": `${label}. Control Enter runs it. Escape, then Tab leaves the editor.`,
        }),
        EditorView.updateListener.of((update) => update.docChanged && change()),
      ],
    }),
  });
  return {
    view,
    get code() {
      return view.state.doc.toString();
    },
    set code(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    focus: () => view.focus(),
    remove: () => view.destroy(),
  };
};
