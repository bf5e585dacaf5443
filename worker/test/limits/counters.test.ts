import { describe, expect, it } from "vitest";
import { countedAddress } from "../../src/limits/client-address.ts";
import { Counters } from "../../src/limits/counters.ts";
import { limitHeaders } from "../../src/limits/headers.ts";
import type { LimitPolicy } from "../../src/limits/policy.ts";

const policy: LimitPolicy = { name: "test", quota: 10, windowMs: 60_000 };
const scarce: LimitPolicy = { name: "scarce", quota: 2, windowMs: 10_000 };

function counting(entries?: number) {
  const clock = { nowMs: 1_000_000 };
  const counters = new Counters(() => clock.nowMs, entries);
  return { clock, counters, take: (key = "a", cost = 1) => counters.take([{ policy, key }], cost)[0] };
}

describe("a limit", () => {
  it("lets the whole quota be used at once, and says how long to wait for more", () => {
    const { take } = counting();
    const readings = Array.from({ length: 11 }, () => take());
    expect(readings.map((reading) => reading?.isAllowed)).toEqual([
      ...Array.from({ length: 10 }, () => true),
      false,
    ]);
    expect(readings.map((reading) => reading?.remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
    expect(readings[10]).toMatchObject({ retryAfterMs: 6_000, resetMs: 60_000 });
  });

  it("is refilled evenly", () => {
    const { take, clock } = counting();
    for (let index = 0; index < 10; index += 1) take();
    clock.nowMs += 5_999;
    expect(take()?.isAllowed).toBe(false);
    clock.nowMs += 1;
    expect(take()?.isAllowed).toBe(true);
    expect(take()?.isAllowed).toBe(false);
    clock.nowMs += 60_000;
    expect(take()?.remaining).toBe(9);
  });

  it("is not lengthened by what it refuses", () => {
    const { take, clock } = counting();
    for (let index = 0; index < 100; index += 1) take();
    clock.nowMs += 6_000;
    expect(take()?.isAllowed).toBe(true);
  });

  it("counts everybody by themselves", () => {
    const { take } = counting();
    for (let index = 0; index < 11; index += 1) take("a");
    expect(take("b")?.remaining).toBe(9);
  });

  it("can be taken from in one go, and refuses what is more than all of it", () => {
    const { take } = counting();
    expect(take("a", 10)?.remaining).toBe(0);
    expect(take("b", 11)?.isAllowed).toBe(false);
    expect(take("b", 10)?.isAllowed).toBe(true);
  });

  it("among several is left alone where another refuses", () => {
    const { counters } = counting();
    const both = [
      { policy, key: "a" },
      { policy: scarce, key: "a" },
    ];
    for (let index = 0; index < 5; index += 1) counters.take(both);
    expect(counters.look({ policy, key: "a" }).remaining).toBe(7);
  });

  it("stands still when the clock is set back", () => {
    const { take, clock } = counting();
    take();
    clock.nowMs -= 30_000;
    expect(take()?.remaining).toBeLessThanOrEqual(8);
  });
});

describe("the memory of limits", () => {
  it("is bounded, and forgets who asked longest ago", () => {
    const { counters, take } = counting(100);
    for (let index = 0; index < 10; index += 1) take("first");
    for (let index = 0; index < 1_000; index += 1) take(`client-${index}`);
    expect(counters.size).toBe(100);
    expect(take("client-999")?.remaining).toBe(8);
    expect(take("first")?.remaining).toBe(9);
  });

  it("keeps nobody whose quota is whole again", () => {
    const { counters, take, clock } = counting();
    for (let index = 0; index < 100; index += 1) take(`client-${index}`);
    clock.nowMs += 60_000;
    for (let index = 0; index < 60; index += 1) take(`later-${index}`);
    expect(counters.size).toBe(60);
  });
});

describe("the headers of a limited answer", () => {
  it("name each policy and how it stands, as the draft of the IETF has them", () => {
    const { counters } = counting();
    const readings = counters.take([
      { policy, key: "a" },
      { policy: scarce, key: "a" },
    ]);
    expect(limitHeaders(readings)).toEqual({
      "ratelimit-policy": '"test";q=10;w=60, "scarce";q=2;w=10',
      ratelimit: '"test";r=9;t=6, "scarce";r=1;t=5',
    });
  });

  it("are not there where nothing is limited", () => {
    expect(limitHeaders([])).toEqual({});
  });
});

describe("a client's address", () => {
  it.for([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::", "fe80:0:0:0::/64"],
  ] as const)("%s is counted as %s", ([address, counted]) => {
    expect(countedAddress(address)).toBe(counted);
  });
});
