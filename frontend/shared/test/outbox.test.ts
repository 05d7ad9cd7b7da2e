import { beforeEach, describe, expect, it, vi } from "vitest";

import { storage } from "./phone";

const ROUND = "00000000-0000-0000-0000-000000000001";
const RECEIPT = { round_id: ROUND, version: 1, nonce: "ab", envelope_hash: "cd" };

function answers(...given: (Response | "lost")[]): RequestInit[] {
  const sent: RequestInit[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    sent.push(init);
    const next = given.shift() ?? "lost";
    return next === "lost" ? Promise.reject(new TypeError("no line")) : Promise.resolve(next);
  });
  return sent;
}

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

async function signedIn(who = "someone"): Promise<void> {
  const { begin } = await import("../src/session");
  const part = btoa(JSON.stringify({ sub: who }));
  begin({ access_token: `h.${part}.s`, expires_in: 900, refresh_token: "r" });
}

describe("a ballot on a bad line", () => {
  beforeEach(() => signedIn());

  it("waits with one secret and one key, and is the same ballot however often it is sent", async () => {
    const sent = answers("lost", json(503, { code: "unavailable" }), json(200, RECEIPT));
    const { seal, waiting, receipt } = await import("../src/ballot");
    const { dispatch, flush } = await import("../src/outbox");

    const parcel = seal(ROUND, ["a", "b"]);
    expect(await dispatch(parcel)).toBeUndefined();
    expect(waiting(ROUND)?.id).toBe(parcel.id);
    expect(seal(ROUND, ["a", "b"]).id).toBe(parcel.id);
    await flush();
    expect(waiting(ROUND)).not.toBeNull();
    await flush();
    expect(waiting(ROUND)).toBeNull();
    expect(receipt(ROUND)).toMatchObject({ version: 1, ranking: ["a", "b"] });
    expect(new Set(sent.map((each) => each.body)).size).toBe(1);
    expect(new Set(sent.map((each) => (each.headers as Record<string, string>)["Idempotency-Key"])).size).toBe(1);
    expect(receipt(ROUND)?.secret).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is replaced by another ranking before it went out", async () => {
    answers("lost");
    const { seal } = await import("../src/ballot");
    const { dispatch, parcels } = await import("../src/outbox");
    const first = seal(ROUND, ["a"]);
    await dispatch(first);
    const second = seal(ROUND, ["b"]);
    expect(parcels("ballot").map((each) => each.id)).toEqual([second.id]);
    expect(second.key).not.toBe(first.key);
  });

  it("survives a reload", async () => {
    answers("lost");
    const before = await import("../src/ballot");
    await (await import("../src/outbox")).dispatch(before.seal(ROUND, ["a"]));
    vi.resetModules();
    answers(json(200, RECEIPT));
    const after = await import("../src/ballot");
    expect(after.waiting(ROUND)?.body).toMatchObject({ ranking: ["a"] });
    await (await import("../src/outbox")).flush();
    expect(after.receipt(ROUND)).not.toBeNull();
  });

  it("is not sent by somebody else who signs in on this phone", async () => {
    answers("lost");
    const { seal, waiting } = await import("../src/ballot");
    const { dispatch, flush } = await import("../src/outbox");
    await dispatch(seal(ROUND, ["a"]));
    await signedIn("somebody else");
    const sent = answers(json(200, RECEIPT));
    await flush();
    expect(sent).toEqual([]);
    expect(waiting(ROUND)).not.toBeNull();
  });

  it("that was refused says why and is not tried again", async () => {
    answers("lost", json(409, { code: "round_closed", detail: "投票已截止。" }));
    const { seal, waiting } = await import("../src/ballot");
    const { dispatch, flush } = await import("../src/outbox");
    await dispatch(seal(ROUND, ["a"]));
    await flush();
    expect(waiting(ROUND)?.problem).toEqual({ code: "round_closed", sentence: "投票已截止。" });
    const sent = answers(json(200, RECEIPT));
    await flush();
    expect(sent).toEqual([]);
  });

  it("refused at once is gone, and the refusal is told", async () => {
    answers(json(422, { code: "unknown_project", detail: "没有这个项目。" }));
    const { seal, waiting } = await import("../src/ballot");
    const { dispatch } = await import("../src/outbox");
    await expect(dispatch(seal(ROUND, ["a"]))).rejects.toMatchObject({ code: "unknown_project", message: "没有这个项目。" });
    expect(waiting(ROUND)).toBeNull();
  });
});

describe("the store", () => {
  it("goes on in memory when the storage is full", async () => {
    const { load, save } = await import("../src/store");
    storage.full = true;
    expect(save("draft.x", ["a"])).toBe(false);
    expect(load("draft.x", null)).toEqual(["a"]);
  });

  it("keeps what concerns somebody who is helped apart, and forgets it", async () => {
    const { keys, load, save, setAside } = await import("../src/store");
    save("draft.x", ["mine"]);
    save("mode", "elder");
    setAside(true);
    expect(load("draft.x", null)).toBeNull();
    expect(load("mode", "normal")).toBe("elder");
    save("draft.x", ["theirs"]);
    save("receipt.x", { secret: "theirs" });
    expect(keys("receipt.")).toEqual(["receipt.x"]);
    setAside(false);
    expect(load("draft.x", null)).toEqual(["mine"]);
    expect(keys("receipt.")).toEqual([]);
    expect(JSON.stringify([...Array(storage.length).keys()].map((at) => storage.getItem(storage.key(at)!)))).not.toContain("theirs");
  });
});

describe("the session", () => {
  it("is renewed once for all who wait", async () => {
    await signedIn();
    vi.useFakeTimers({ now: Date.now() + 3_600_000 });
    const token = `h.${btoa(JSON.stringify({ sub: "someone" }))}.new`;
    const sent = answers(json(200, { access_token: token, expires_in: 900, refresh_token: "r2" }));
    const { accessToken } = await import("../src/session");
    expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual([token, token, token]);
    expect(sent).toHaveLength(1);
    vi.useRealTimers();
  });

  it("is forgotten when the service will not renew it, and not when the line is lost", async () => {
    await signedIn();
    vi.useFakeTimers({ now: Date.now() + 3_600_000 });
    const session = await import("../src/session");
    answers("lost");
    await expect(session.accessToken()).rejects.toMatchObject({ code: "offline" });
    expect(session.signedIn()).toBe(true);
    answers(json(401, { code: "token_invalid" }));
    expect(await session.accessToken()).toBeNull();
    expect(session.signedIn()).toBe(false);
    vi.useRealTimers();
  });
});
