// What every screen must keep, looked at from inside the page. `window.gates.<name>(...)` answers a list of what is wrong.
(() => {
  const USABLE = "a[href], button, summary, input, select, textarea, [role=button], [role=tab], [tabindex='0']";
  // what lies in a closed <details> has a place on the page and is not shown
  const shown = (each) => each.checkVisibility() && !each.closest("[aria-hidden], .skip");
  const usable = () => [...document.querySelectorAll(USABLE)].filter(shown);
  const html = (each) => each.outerHTML.slice(0, 140);
  const ticked = (each) => each.type === "checkbox" || each.type === "radio";

  window.gates = {
    /** Targets smaller than a finger; a box to tick counts with its label, links inside of what people wrote do not. */
    small(least) {
      return usable()
        .filter((each) => !each.closest(".md"))
        .map((each) => [each, (ticked(each) && each.closest("label")) || each])
        .map(([each, target]) => [each, target.getBoundingClientRect()])
        .filter(([, box]) => box.height < least - 0.5 || box.width < 44 - 0.5)
        .map(([each, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html(each)}`);
    },

    /** Controls that say nothing to those who listen. */
    nameless() {
      const named = (each) => each.innerText || each.getAttribute("aria-label") || (each.labels || []).length;
      return usable().filter((each) => !named(each)).map(html);
    },

    /** Keys that stand where words should. */
    untranslated() {
      return (document.body.innerText.match(/(^|\s)[a-z]+(_[a-z]+)+(?=\s|$)/g) || []).slice(0, 3);
    },

    sideways() {
      if (document.documentElement.scrollWidth <= innerWidth) return [];
      const wide = (each) => each.getBoundingClientRect().right > innerWidth + 1;
      return [...document.querySelectorAll("#app *")].filter(wide).slice(-2).map(html);
    },

    twiceTheText() {
      const style = getComputedStyle(document.documentElement);
      for (const size of ["--t-xs", "--t-s", "--t", "--t-l", "--t-xl"]) {
        document.documentElement.style.setProperty(size, `${2 * parseFloat(style.getPropertyValue(size))}px`);
      }
    },

    /** Mark what the keyboard has to reach, of an open sheet only what is in it, until it does; how many there are. */
    mark() {
      const sheet = document.querySelector("[role=dialog]") || document;
      const all = usable().filter((each) => !each.disabled && each.tabIndex >= 0 && sheet.contains(each));
      all.forEach((each) => each.setAttribute("data-unreached", ""));
      document.activeElement.blur();
      document.addEventListener("focusin", (event) => event.target.removeAttribute("data-unreached"));
      scrollTo(0, 0);
      return all.length;
    },
    /** Of the buttons of one choice only the chosen one is a stop; the arrow keys reach the others. */
    unreached: () => [...document.querySelectorAll("[data-unreached]")].filter((each) => each.type !== "radio").map(html),
  };

  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
})();
