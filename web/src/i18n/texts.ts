export type Tree = { [key: string]: string | Tree };
export type Values = Record<string, string | number>;

const kValue = /{{(\w+)(, number)?}}/g;

/** What is put into a sentence is isolated, so that an Arabic name in an English one (or the other way round) does not reorder what stands around it. */
const isolated = (text: string) => (/^[\p{N}\p{P}]*$/u.test(text) ? text : `\u2068${text}\u2069`);

/** A sentence that ends with an amount such as "٥ ج.م." has its full stop already. */
const oneStop = (text: string) => text.replace(/(\.[\u061c\u200e\u200f\u2069]*)\.(?=\s|$)/g, '$1');

/** What is said in one language, and how numbers stand in it. */
export class Texts {
  private readonly all = new Map<string, string>();
  private readonly plurals: Intl.PluralRules;
  private readonly numbers: Intl.NumberFormat;

  constructor(locale: string) {
    this.plurals = new Intl.PluralRules(locale);
    this.numbers = new Intl.NumberFormat(locale);
  }

  add(tree: Tree, prefix = ''): void {
    for (const [name, text] of Object.entries(tree))
      if (typeof text === 'string') this.all.set(prefix + name, text);
      else this.add(text, `${prefix}${name}.`);
  }

  has(key: string): boolean {
    return this.all.has(key);
  }

  /** Undefined where there is no such text. `count` chooses the form: none at all, then what the language counts by. */
  say(key: string, values: Values = {}): string | undefined {
    const { count } = values;
    const text =
      (count === 0 ? this.all.get(`${key}_zero`) : undefined) ??
      (typeof count === 'number'
        ? this.all.get(`${key}_${this.plurals.select(count)}`)
        : undefined) ??
      this.all.get(key);
    if (text === undefined) return undefined;
    return oneStop(
      text.replace(kValue, (_, name: string, number?: string) => {
        const value = values[name] ?? '';
        return isolated(
          number && typeof value === 'number' ? this.numbers.format(value) : `${value}`,
        );
      }),
    );
  }
}
