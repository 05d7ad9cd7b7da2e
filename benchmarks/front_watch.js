// Notes, within the page, when something wanted has been drawn: the moment behind the first frame in which it takes up room.
(() => {
  const seen = (window.seen = {});
  const there = (selector) => {
    const found = document.querySelector(selector);
    return found !== null && found.offsetHeight > 0;
  };
  const look = () => {
    for (const [moment, selectors] of Object.entries(window.wanted)) {
      if (moment in seen || !selectors.every(there)) continue;
      seen[moment] = null;
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => {
          seen[moment] = performance.now();
        };
        after.port2.postMessage(null);
      });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  addEventListener("click", (event) => { seen.tap = event.timeStamp; }, true);
  const paints = new PerformanceObserver((list) => list.getEntries().forEach((each) => { seen[each.name] = each.startTime; }));
  paints.observe({ type: "paint", buffered: true });
})();
