/** One event of a server-sent stream. */
type ServerEvent = { event: string; id: string | null; data: string };

/** Splits a text/event-stream that arrives in arbitrary pieces into events (WHATWG rules). */
export class EventParser {
  private buffer = '';
  private event = '';
  private data: string[] = [];
  private id: string | null = null;

  push(chunk: string): ServerEvent[] {
    this.buffer += chunk;
    const events: ServerEvent[] = [];
    for (;;) {
      const match = /\r\n|\n|\r/.exec(this.buffer);
      // A lone CR at the very end may be the first half of CRLF: wait for what follows.
      if (!match || (match[0] === '\r' && match.index === this.buffer.length - 1)) return events;
      const line = this.buffer.slice(0, match.index);
      this.buffer = this.buffer.slice(match.index + match[0].length);
      const done = this.line(line);
      if (done) events.push(done);
    }
  }

  private line(line: string): ServerEvent | null {
    if (line === '') {
      const complete =
        this.data.length > 0
          ? { event: this.event || 'message', id: this.id, data: this.data.join('\n') }
          : null;
      this.event = '';
      this.data = [];
      return complete;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    return null;
  }
}
