/*
 * Countries and provinces as paper: nothing on it is darker than what is reported.
 */
(() => {
  "use strict";

  const { PALETTE, Sheet, unfold } = geoinc;

  /** The sheet below everything else. */
  function basemap(data) {
    const unit = data.unit;
    const land = data.land.map(({ shown, rings }) => ({ shown, rings: rings.map((ring) => unfold(ring, unit)) }));
    const [borders, provinces] = [data.borders, data.provinces].map((lines) => lines.map((line) => unfold(line, unit)));
    return new Sheet("geoincPaper", 150, (context, view) => {
      for (const country of land) {
        context.fillStyle = country.shown ? PALETTE.land : PALETTE.neighbour;
        context.fill(view.path(country.rings), "evenodd");
      }
      context.strokeStyle = PALETTE.province;
      context.lineWidth = view.zoom < 7 ? 0.7 : 1;
      if (view.zoom >= 4.5) context.stroke(view.path(provinces, false));
      context.strokeStyle = PALETTE.border;
      context.lineWidth = 1;
      context.stroke(view.path(borders, false));
    });
  }

  geoinc.basemap = basemap;
})();
