const kBrowsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*Safari\//, 'Safari'],
];
const kSystems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Chrome · Android" from a user agent, so that a person knows which device a session is on. */
export function describeAgent(agent: string | null): { name: string | null; phone: boolean } {
  const text = agent ?? '';
  const browser = kBrowsers.find(([pattern]) => pattern.test(text))?.[1];
  const system = kSystems.find(([pattern]) => pattern.test(text))?.[1];
  const tool = /^[\w.-]+/.exec(text)?.[0];
  return {
    name: [browser ?? (system ? undefined : tool), system].filter(Boolean).join(' · ') || null,
    phone: /\b(?:iPhone|Android|Mobile)\b/.test(text),
  };
}
