/** Marks at places in px, for charts that lay themselves out. */
import { short } from "./format.js";
import { type Encoding, ownColour } from "./panels.js";
import type { ChartSize } from "./theme.js";

/** A field that is px from the left or the top of the plot. */
export function at(field: string): Encoding {
  return { field, type: "quantitative", scale: null, axis: null };
}

/** Rectangles from `x`, `y` to `x2`, `y2` in each row's `colour`; the panel's own rows unless others are given. */
export function rect(mark: object = {}, values?: readonly object[]): Encoding {
  return {
    ...(values === undefined ? {} : { data: { values } }),
    mark: { type: "rect", ...mark },
    encoding: { x: at("x"), x2: { field: "x2" }, y: at("y"), y2: { field: "y2" }, color: ownColour() },
  };
}

/** Which fields say what, where and in which colour. */
export interface TextFields {
  readonly x: string;
  readonly y: string;
  readonly text: string;
  readonly colour?: string;
}

/** Text centred on its `y`; the panel's own rows unless others are given. */
export function text(mark: object, fields: TextFields, values?: readonly object[]): Encoding {
  return {
    ...(values === undefined ? {} : { data: { values } }),
    mark: { type: "text", baseline: "middle", ...mark },
    encoding: {
      x: at(fields.x),
      y: at(fields.y),
      text: { field: fields.text, type: "nominal" },
      ...(fields.colour === undefined ? {} : { color: ownColour(fields.colour) }),
    },
  };
}

/** Whose panel it is: `EU users`, over a panel that stands among others. */
export function usersTitle(origin: string, size: ChartSize): Encoding {
  return {
    text: `${short(origin, 40)} users`,
    fontSize: size.fontPx + 1,
    anchor: "start",
    frame: "bounds",
    offset: 6,
  };
}
