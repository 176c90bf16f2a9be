// Finding a QR code in a picture: by the browser's own BarcodeDetector where there is one that knows
// QR codes, else by a library that is loaded only then.

type Detector = { detect(image: ImageBitmapSource): Promise<{ rawValue: string }[]> };
type DetectorClass = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
};

// Of a picture: smaller than this it is read as it is, larger ones lose nothing that a code needs.
const kFrameSide = 960;
const kFileSide = 1_600;
// For a picture that somebody chose there is time to look again and again.
const kFileEffort = 8;
const kFileTime_ms = 3_000;

let native: Promise<Detector | null> | undefined;

async function findNative(): Promise<Detector | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  try {
    const formats = await BarcodeDetector?.getSupportedFormats();
    return BarcodeDetector && formats?.includes('qr_code')
      ? new BarcodeDetector({ formats: ['qr_code'] })
      : null;
  } catch {
    return null;
  }
}

function draw(source: CanvasImageSource, width: number, height: number, side: number) {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  // What is transparent in a picture is paper.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return { canvas, context };
}

/** The text of a code in the picture, or null. */
async function read(
  { canvas, context }: ReturnType<typeof draw>,
  options: { effort?: number; timeLimit?: number } = {},
): Promise<string | null> {
  const detector = await (native ??= findNative());
  if (detector) {
    const [found] = await detector.detect(canvas);
    if (found) return found.rawValue;
    if (options.effort === undefined) return null;
  }
  const { decodeQR } = await import('qr/decode.js');
  try {
    const { width, height } = canvas;
    return decodeQR(context.getImageData(0, 0, width, height), options);
  } catch {
    // No code, or one that cannot be read.
    return null;
  }
}

export const readFrame = (video: HTMLVideoElement): Promise<string | null> =>
  video.videoWidth === 0
    ? Promise.resolve(null)
    : read(draw(video, video.videoWidth, video.videoHeight, kFrameSide));

/** Rejects where the file is no picture that the browser can show. */
export async function readPicture(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file);
  try {
    return await read(draw(picture, picture.width, picture.height, kFileSide), {
      effort: kFileEffort,
      timeLimit: kFileTime_ms,
    });
  } finally {
    picture.close();
  }
}
