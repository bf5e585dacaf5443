/** Above this, a notch a cell would be a grey smear. */
const mostNotches = 40;

interface ProgressRailProps {
  done: number;
  cellIndex: number | undefined;
  cellCount: number;
}

/**
 * How far somebody is: a mark at the cell they are at, what lies behind it faintly, and as much in full as cells
 * are done. The two differ, since not every cell is there to be run.
 */
export function ProgressRail(props: ProgressRailProps) {
  const count = () => Math.max(props.cellCount, (props.cellIndex ?? -1) + 1, 1);
  return (
    <span
      class="rail"
      aria-hidden="true"
      classList={{ notched: count() <= mostNotches }}
      style={{
        "--count": String(count()),
        "--done": String(Math.min(props.done, count())),
        "--at": String(props.cellIndex ?? 0),
      }}
    >
      <span class="rail-done" />
      <span class="rail-at" classList={{ nowhere: props.cellIndex === undefined }} />
    </span>
  );
}
