/**
 * Puts the map into a page where this script stands:
 *
 *   <script src="https://peta.example/static/console/embed.js" data-layers="reports" async></script>
 *
 * data-layers, data-bbox and data-lang are those of /embed/map; data-height is in pixels, data-title for readers.
 */
(() => {
  const script = document.currentScript;
  const { layers, bbox, lang, height = "420", title = "Peta laporan warga Jakarta" } = script.dataset;
  const address = new URL("/embed/map", script.src);
  for (const [name, value] of Object.entries({ layers, bbox, lang })) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title;
  frame.loading = "lazy";
  frame.allow = "fullscreen";
  frame.style.cssText = "display: block; width: 100%; border: 0";
  frame.style.height = `${Number.parseInt(height, 10) || 420}px`;
  script.after(frame);
})();
