/** What setTimeout can wait: almost 25 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Does something later, however much later. Returns a function that ends this. */
export function after(ms: number, act: () => void): () => void {
  const endAt = performance.now() + ms;
  const wait = () => {
    const restMs = endAt - performance.now();
    if (restMs <= 0) act();
    else timer = setTimeout(wait, Math.min(restMs, LONGEST_MS));
  };
  let timer = setTimeout(wait);
  return () => clearTimeout(timer);
}
