/*
 * The colours of the map, for light and for dark screens; paper is always light.
 *
 * Roles are told apart by shape as well.  Their colours are Okabe and Ito's,
 * lighter or darker where the ground asks for it.
 */
(() => {
  "use strict";

  const LIGHT = {
    sea: "#DDE7EC", land: "#FBFAF6", neighbour: "#EFEDE6", border: "#A9A391", province: "#D3CCBA", name: "#6A6454",
    line: "#3C4149", halo: "rgba(255, 255, 255, 0.92)", edge: "#FFFFFF",
    target: ["#0072B2", "#23272E", "#FFFFFF"], launch: ["#D55E00", "#9C4500", "#FFFFFF"], impact: ["#6A1B5E", "#6A1B5E", "#FFFFFF"],
  };
  LIGHT.statistic = "#0F5B57";
  LIGHT.scale = ["#EFD97E", "#86B773", "#277572", "#0A2C3D"];
  const DARK = {
    sea: "#12171D", land: "#262B32", neighbour: "#1D2228", border: "#5F6772", province: "#3B424B", name: "#99A1AC",
    line: "#D5D9DF", halo: "rgba(20, 24, 29, 0.92)", edge: "#14181D",
    target: ["#56B4E9", "#EDEFF2", "#14181D"], launch: ["#E8792B", "#F5A266", "#14181D"], impact: ["#F0E4F7", "#F0E4F7", "#14181D"],
  };

  // On dark ground what is much is light.
  DARK.statistic = "#7FD1C0";
  DARK.scale = LIGHT.scale.toReversed();

  /** Colours of the ground and of lines; `ROLES` has those of the marks. */
  const PALETTE = {};

  /** The roles: their colour, that of small letters (`ink`), and of figures in a symbol (`figure`). */
  const ROLES = {
    target: { name: "target", plural: "targets" },
    launch: { name: "launch", plural: "launches" },
    impact: { name: "impact", plural: "impacts" },
  };

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const repaints = [];

  function choose(colours) {
    Object.assign(PALETTE, colours);
    for (const role of Object.keys(ROLES)) [ROLES[role].colour, ROLES[role].ink, ROLES[role].figure] = colours[role];
    for (const repaint of repaints) repaint();
  }

  const onScreen = () => choose(dark.matches ? DARK : LIGHT);

  /** Be called whenever the colours have changed: another scheme, or a printer. */
  const onRecolour = (repaint) => repaints.push(repaint);

  onScreen();
  dark.addEventListener("change", onScreen);
  window.addEventListener("beforeprint", () => choose(LIGHT));
  window.addEventListener("afterprint", onScreen);

  Object.assign(geoinc, { PALETTE, ROLES, onRecolour });
})();
