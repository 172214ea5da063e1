/**
 * Milliseconds since any fixed moment. Measures how long GitHub works, which a clock that is set, or that runs faster on a
 * developer's machine, does not tell.
 */
export type Stopwatch = () => number;
