import { useEffect, useId, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { scaleBand, scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { useT } from '../i18n';
import { TableScroll } from './TableScroll';
import '../styles/chart.css';

type Series = { key: string; label: string; tone: 'in' | 'out' | 'brand' | 'soft' };
export type Point = {
  id: string;
  /** Full name of the period, for the table and the readout; and a short one for the axis. */
  name: string;
  short: string;
  /** Minor units or counts, one a series: whole numbers. */
  values: bigint[];
};

type Props = {
  title: string;
  /** What a screen reader says instead of the picture; the table behind has every number. */
  summary: string;
  kind: 'bars' | 'lines';
  series: Series[];
  points: Point[];
  format: (value: bigint) => string;
  formatTick: (value: bigint) => string;
  periodLabel: string;
  aside?: ReactNode;
};

const kHeight = 220;
const kBottom = 26;
const kTop = 10;
const kAxis = 52;
const kTickRoom = 64;

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}

/** A bar with its top corners rounded. */
function bar(x: number, y: number, width: number, bottom: number): string {
  const r = Math.min(4, width / 2, bottom - y);
  return `M${x} ${bottom}V${y + r}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}V${bottom}z`;
}

function Picture({
  kind,
  series,
  points,
  formatTick,
  summary,
  width,
  active,
  onActive,
}: Pick<Props, 'kind' | 'series' | 'points' | 'formatTick' | 'summary'> & {
  width: number;
  active: number | null;
  onActive: (index: number | null) => void;
}) {
  // Time runs in the direction the page is read.
  const rtl = document.documentElement.dir === 'rtl';
  const bottom = kHeight - kBottom;
  const from = rtl ? width - kAxis : kAxis;
  const to = rtl ? 0 : width;
  const x = scaleBand<number>()
    .domain(points.map((_, index) => index))
    .range([from, to])
    .paddingInner(0.3)
    .paddingOuter(0.15);
  // Only pixels are computed from these numbers; every text comes from the exact values.
  const top = points.reduce(
    (most, { values }) => values.reduce((m, value) => (value > m ? value : m), most),
    0n,
  );
  const y = scaleLinear()
    .domain([0, Number(top) || 1])
    .nice(4)
    .range([bottom, kTop]);
  const ticks = y.ticks(4).filter((tick) => Number.isInteger(tick));
  const every = Math.max(1, Math.ceil(points.length / Math.max(1, (width - kAxis) / kTickRoom)));
  const centre = (index: number) => (x(index) ?? 0) + x.bandwidth() / 2;
  const slot = x.bandwidth() / series.length;

  const pick = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = event.clientX - box.left;
    let best: number | null = null;
    points.forEach((_, index) => {
      if (best === null || Math.abs(centre(index) - at) < Math.abs(centre(best) - at)) best = index;
    });
    onActive(best);
  };

  return (
    <svg
      width={width}
      height={kHeight}
      viewBox={`0 0 ${width} ${kHeight}`}
      role="img"
      aria-label={summary}
      className="chart-svg"
      onPointerMove={pick}
      onPointerDown={pick}
      onPointerLeave={() => onActive(null)}
    >
      {ticks.map((tick) => (
        <g key={tick} aria-hidden="true">
          <line
            className="chart-grid"
            x1={Math.min(from, to)}
            x2={Math.max(from, to)}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text
            className="chart-tick"
            x={rtl ? width - kAxis + 8 : kAxis - 8}
            y={y(tick)}
            dy="0.32em"
            direction="ltr"
            textAnchor={rtl ? 'start' : 'end'}
          >
            {formatTick(BigInt(tick))}
          </text>
        </g>
      ))}
      {active !== null && (
        <rect
          className="chart-active"
          x={(x(active) ?? 0) - x.step() * 0.15}
          y={kTop}
          width={x.step()}
          height={bottom - kTop}
          rx={6}
        />
      )}
      {kind === 'bars'
        ? points.map(({ id, values }, index) =>
            values.map((value, at) =>
              value > 0n ? (
                <path
                  key={id + String(at)}
                  className={`tone-${series[at]?.tone ?? 'brand'}`}
                  d={bar(
                    (x(index) ?? 0) + slot * (rtl ? series.length - 1 - at : at),
                    y(Number(value)),
                    Math.max(1, slot - 1),
                    bottom,
                  )}
                />
              ) : null,
            ),
          )
        : series.map(({ key, tone }, at) => {
            const height = (point: Point) => y(Number(point.values[at] ?? 0n));
            const shape = line<Point>((_, index) => centre(index), height).curve(curveMonotoneX);
            const under = area<Point>()
              .x((_, index) => centre(index))
              .y0(bottom)
              .y1(height)
              .curve(curveMonotoneX);
            return (
              <g key={key}>
                {at === 0 && <path className={`chart-area tone-${tone}`} d={under(points) ?? ''} />}
                <path className={`chart-line line-${tone}`} d={shape(points) ?? ''} />
                {active !== null && points[active] && (
                  <circle
                    className={`tone-${tone}`}
                    cx={centre(active)}
                    cy={height(points[active])}
                    r={4.5}
                  />
                )}
              </g>
            );
          })}
      {points.map(({ id, short }, index) =>
        index % every === 0 ? (
          <text
            key={id}
            className="chart-tick"
            x={centre(index)}
            y={kHeight - 6}
            textAnchor="middle"
            aria-hidden="true"
          >
            {short}
          </text>
        ) : null,
      )}
    </svg>
  );
}

/** A chart with a legend, a readout under the pointer, and its whole table behind it. */
export function Chart(props: Props) {
  const { title, series, points, format, periodLabel, aside } = props;
  const t = useT();
  const id = useId();
  const [ref, width] = useWidth();
  const [active, setActive] = useState<number | null>(null);
  const shown = active === null ? null : points[active];
  return (
    <figure className="card chart" aria-labelledby={id}>
      <div className="row-wrap between">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      <ul className="legend" aria-hidden="true">
        {shown && <li className="muted">{shown.name}</li>}
        {series.map(({ key, label, tone }, index) => (
          <li key={key}>
            <i className={`swatch swatch-${tone}`} />
            {label}
            {shown && <b>{format(shown.values[index] ?? 0n)}</b>}
          </li>
        ))}
      </ul>
      <div ref={ref} className="chart-box">
        {width > 0 && points.length > 0 && (
          <Picture {...props} width={width} active={active} onActive={setActive} />
        )}
      </div>
      <details>
        <summary>{t('chart.table')}</summary>
        <TableScroll className="chart-table" label={title}>
          <table>
            <caption className="sr-only">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{periodLabel}</th>
                {series.map(({ key, label }) => (
                  <th scope="col" key={key} className="num">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.id}>
                  <th scope="row">{point.name}</th>
                  {point.values.map((value, index) => (
                    <td key={series[index]?.key} className="num">
                      <bdi>{format(value)}</bdi>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      </details>
    </figure>
  );
}
