import { useMemo } from 'react';
import { encode } from 'uqr';
import '../styles/qr.css';

const kBorder = 2;

/** The dark modules of a text's code as the path of an SVG, and how many modules a side has. */
function draw(text: string, border: number): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border });
  let path = '';
  data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    }),
  );
  return { path, size };
}

/** A QR code, always dark on white: that is what cameras read. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => draw(text, kBorder), [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={path} shapeRendering="crispEdges" />
    </svg>
  );
}

// For files: a quiet zone of four modules, as ISO/IEC 18004 wants it, and ink on white.
const kQuiet = 4;
const kPngModule = 12;

export function qrSvg(text: string): Blob {
  const { path, size } = draw(text, kQuiet);
  return new Blob(
    [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">`,
      `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`,
    ],
    { type: 'image/svg+xml' },
  );
}

export async function qrPng(text: string): Promise<Blob> {
  const { path, size } = draw(text, kQuiet);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * kPngModule;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.scale(kPngModule, kPngModule);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size, size);
  context.fillStyle = '#000';
  context.fill(new Path2D(path));
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no image'))), 'image/png'),
  );
}
