// Making elements. Text is always text; nothing is ever parsed as HTML but what the server has cleaned.

const SVG = "http://www.w3.org/2000/svg";

/** Element `tag` with attributes (on… are listeners, class is class) and children (nodes, text, null). */
export function h(tag, attributes, ...children) {
  const element = tag === "svg" || tag === "path" || tag === "rect" || tag === "circle" ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

const ALLOWED = new Set(["P", "BR", "STRONG", "EM", "UL", "OL", "LI", "BLOCKQUOTE", "CODE", "PRE", "H3", "H4", "H5", "H6", "HR", "A", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD"]);

/** The server's cleaned HTML, cleaned once more by building it anew from a short list of elements. */
export function rich(html) {
  const box = h("div", { class: "md" });
  copy(new DOMParser().parseFromString(html, "text/html").body, box);
  return box;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.textContent);
    else if (node.nodeType === Node.ELEMENT_NODE && ALLOWED.has(node.tagName)) {
      const made = document.createElement(node.tagName);
      const href = node.getAttribute("href") || "";
      if (node.tagName === "A" && /^(https?:|tel:|mailto:)/.test(href)) { made.href = href; made.rel = "noopener noreferrer nofollow"; }
      copy(node, made);
      to.append(made);
    } else if (node.nodeType === Node.ELEMENT_NODE) copy(node, to);
  }
}
