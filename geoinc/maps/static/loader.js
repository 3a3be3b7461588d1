/*
 * The only script of a page that stands in it as it is: it unpacks the others,
 * in order.  The policy of the page names each of them by its hash.
 */
(() => {
  "use strict";

  const block = document.getElementById("geoinc-scripts");

  async function load() {
    const bytes = Uint8Array.from(atob(block.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    for (const text of JSON.parse(await new Response(stream).text())) {
      const script = document.createElement("script");
      script.textContent = text;
      document.head.append(script);
    }
  }

  load().catch((error) => {
    document.body.append(block.dataset.excuse);
    throw error;
  });
})();
