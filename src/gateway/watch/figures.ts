/**
 * Counters and histograms that are plain numbers until somebody looks. A request moves a dozen of them: its labels are
 * looked up once for each kind of request, not once for each figure.
 */
import type { Metric, Registry } from "prom-client";

/** Values by label; a label that is left out is not shown. */
export type Labels<L extends string> = Readonly<Partial<Record<L, string>>>;

/** What a figure is called and says. */
export interface FigureName<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
}

/** A line of a figure, as the registry writes it. */
interface Shown {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/** One number of a figure. */
export class Count {
  value = 0;

  /** Counts up by a finite number ≥ 0. */
  inc(by = 1): void {
    this.value += by;
  }
}

/** How often what was measured fell below each edge. */
export class Spread {
  readonly edges: readonly number[];
  /** By edge, of what lies above the edge before; last of all what is above the last. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(edges: readonly number[]) {
    this.edges = edges;
    this.counts = new Float64Array(edges.length + 1);
  }

  /** Takes a finite number; one on an edge is not above it. */
  observe(value: number): void {
    const { edges } = this;
    let at = 0;
    while (at < edges.length && value > edges[at]!) at += 1;
    this.counts[at]! += 1;
    this.sum += value;
  }
}

abstract class Figure<L extends string, Cell> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly #cells = new Map<string, { readonly labels: Labels<L>; readonly cell: Cell }>();

  constructor(registry: Registry, { name, help, labelNames }: FigureName<L>) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    // All that the registry asks of its own instruments is what is here.
    registry.registerMetric(this as unknown as Metric);
  }

  protected abstract make(): Cell;
  protected abstract readonly type: "counter" | "histogram";
  protected abstract show(labels: Labels<L>, cell: Cell): readonly Shown[];

  /** What counts for these labels; the same for the same values, so it can be kept. */
  at(labels: Labels<L>): Cell {
    const key = JSON.stringify(this.labelNames.map((name) => labels[name] ?? null));
    const known = this.#cells.get(key);
    if (known !== undefined) return known.cell;
    const cell = this.make();
    this.#cells.set(key, { labels, cell });
    return cell;
  }

  /** What the registry writes. */
  async get(): Promise<object> {
    const values = [...this.#cells.values()].flatMap(({ labels, cell }) => this.show(labels, cell));
    return { name: this.name, help: this.help, type: this.type, values, aggregator: "sum" };
  }
}

/** A figure that only grows. One without labels is shown from the beginning. */
export class Counter<L extends string = never> extends Figure<L, Count> {
  protected readonly type = "counter";

  constructor(registry: Registry, name: FigureName<L>) {
    super(registry, name);
    if (name.labelNames.length === 0) this.at({} as Labels<L>);
  }

  protected make(): Count {
    return new Count();
  }

  protected show(labels: Labels<L>, { value }: Count): readonly Shown[] {
    return [{ metricName: this.name, labels, value }];
  }
}

/** A figure of how large things are. */
export class Histogram<L extends string = never> extends Figure<L, Spread> {
  protected readonly type = "histogram";
  readonly #edges: readonly number[];

  constructor(registry: Registry, name: FigureName<L>, edges: readonly number[]) {
    super(registry, name);
    this.#edges = edges;
  }

  protected make(): Spread {
    return new Spread(this.#edges);
  }

  protected show(labels: Labels<L>, { edges, counts, sum }: Spread): readonly Shown[] {
    let below = 0;
    const buckets = [...edges, "+Inf"].map((le, at) => {
      below += counts[at]!;
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: below },
    ];
  }
}
