/** Fields of a request that can be matched by a part of their text. */
export const CONTAINS_FIELDS = ['token', 'connection', 'client', 'method'] as const
