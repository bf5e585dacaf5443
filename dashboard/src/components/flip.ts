const glideMs = 240;
/** With more elements, measuring them costs a frame, and their movement is confusion. */
const mostElements = 80;

/**
 * Remembers where elements are before their order changes; what it answers is called after, and lets each glide
 * from where it was to where it is. The focus stays where it was: a browser takes it from an element that is moved.
 */
export function captureForFlip(
  container: HTMLElement,
  selector: string,
  idOf: (element: HTMLElement) => string,
): () => void {
  const { activeElement } = document;
  const focused =
    activeElement instanceof HTMLElement &&
    container.contains(activeElement) &&
    activeElement.matches(selector)
      ? activeElement
      : undefined;
  const focusedId = focused && idOf(focused);
  const canGlide = !document.hidden && typeof container.animate === "function" && !prefersLessMotion();
  const before = canGlide ? positions(container, selector, idOf) : noPositions;

  return () => {
    const elements = [...container.querySelectorAll<HTMLElement>(selector)];
    if (focusedId !== undefined && document.activeElement !== focused) {
      elements.find((element) => idOf(element) === focusedId)?.focus({ preventScroll: true });
    }
    if (before.size > 0) glide(elements, before, idOf);
  };
}

function glide(
  elements: readonly HTMLElement[],
  before: ReadonlyMap<string, DOMRect>,
  idOf: (element: HTMLElement) => string,
): void {
  const moves = elements.flatMap((element) => {
    const from = before.get(idOf(element));
    const to = element.getBoundingClientRect();
    if (!from || (from.x === to.x && from.y === to.y)) return [];
    return isInView(from) || isInView(to) ? [{ element, x: from.x - to.x, y: from.y - to.y }] : [];
  });
  for (const { element, x, y } of moves) {
    element.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration: glideMs,
      easing: "cubic-bezier(0.2, 0, 0, 1)",
    });
  }
}

const noPositions: ReadonlyMap<string, DOMRect> = new Map();

function positions(
  container: HTMLElement,
  selector: string,
  idOf: (element: HTMLElement) => string,
): ReadonlyMap<string, DOMRect> {
  const elements = [...container.querySelectorAll<HTMLElement>(selector)];
  if (elements.length > mostElements) return noPositions;
  return new Map(elements.map((element) => [idOf(element), element.getBoundingClientRect()]));
}

function isInView({ top, bottom }: DOMRect): boolean {
  return bottom > 0 && top < innerHeight;
}

function prefersLessMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
