import { useSearch } from 'wouter/use-browser-location';

/**
 * The query of the address as it stands there, without "?". wouter's own useSearch decodes it once,
 * after which a note with & # or % falls apart: a query is decoded by URLSearchParams alone.
 */
export const useRawSearch = (): string => useSearch().replace(/^\?/, '');
