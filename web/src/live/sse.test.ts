import { expect, test } from 'vitest';
import { EventParser } from './sse';

test('events in one piece', () => {
  const parser = new EventParser();
  expect(parser.push(': ok\n\nevent: entry\nid: 7\ndata: {"a":1}\n\n')).toEqual([
    { event: 'entry', id: '7', data: '{"a":1}' },
  ]);
});

test('events cut anywhere', () => {
  const text = 'event: entry\r\nid: 1\r\ndata: one\r\ndata: two\r\n\r\n: hb\n\ndata:x\n\n';
  for (let size = 1; size < 9; size += 1) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < text.length; at += size)
      events.push(...parser.push(text.slice(at, at + size)));
    expect(events).toEqual([
      { event: 'entry', id: '1', data: 'one\ntwo' },
      { event: 'message', id: '1', data: 'x' },
    ]);
  }
});

test('comments and unfinished events say nothing', () => {
  const parser = new EventParser();
  expect(parser.push(': hb\n\n: hb\n\ndata: wait')).toEqual([]);
  expect(parser.push('\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ event: 'message', id: null, data: 'wait' }]);
});
