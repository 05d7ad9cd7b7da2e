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
    expect((await import("../src/ballot")).draft(ROUND, ["a", "b", "c"], 5)).toEqual(["a", "b"]);
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

  it("is not sent, shown or replaced by somebody else who signs in on this phone", async () => {
    answers("lost");
    const { seal, waiting, draft, keepDraft } = await import("../src/ballot");
    const { dispatch, flush } = await import("../src/outbox");
    keepDraft(ROUND, ["a", "b"]);
    const hers = seal(ROUND, ["a"]);
    await dispatch(hers);
    await signedIn("somebody else");
    const sent = answers(json(200, RECEIPT));
    await flush();
    expect(await dispatch(hers)).toBeUndefined();
    expect(sent).toEqual([]);
    expect(waiting(ROUND)).toBeNull();
    expect(draft(ROUND, ["a", "b"], 5)).toEqual([]);
    seal(ROUND, ["b"]);
    await signedIn();
    expect(waiting(ROUND)?.body).toMatchObject({ ranking: ["a"] });
    expect(draft(ROUND, ["a", "b"], 5)).toEqual(["a", "b"]);
  });

  it("is given up when somebody else comes while its session is renewed", async () => {
    answers("lost");
    const { seal, waiting } = await import("../src/ballot");
    const { dispatch } = await import("../src/outbox");
    const { begin } = await import("../src/session");
    const parcel = seal(ROUND, ["a"]);
    vi.useFakeTimers({ now: Date.now() + 3_600_000 });
    const paths: string[] = [];
    vi.stubGlobal("fetch", (path: string) => {
      paths.push(path);
      begin({ access_token: `h.${btoa(JSON.stringify({ sub: "the helped" }))}.s`, expires_in: 900, refresh_token: null }, true);
      return Promise.resolve(json(200, { access_token: `h.${btoa(JSON.stringify({ sub: "someone" }))}.n`, expires_in: 900, refresh_token: "r2" }));
    });
    expect(await dispatch(parcel)).toBeUndefined();
    expect(paths).toEqual(["/api/v1/auth/tokens"]);
    const session = await import("../src/session");
    expect(session.who()).toBe("the helped");
    session.forget();
    expect(session.who()).toBe("someone");
    expect(JSON.parse(storage.getItem("gongyi.session")!)).toMatchObject({ refresh: "r2" });
    expect(waiting(ROUND)).not.toBeNull();
    vi.useRealTimers();
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

describe("what was written before signing in", () => {
  it("becomes the account's, and nobody else's", async () => {
    const { draft, keepDraft } = await import("../src/ballot");
    keepDraft(ROUND, ["a"]);
    await signedIn();
    expect(draft(ROUND, ["a"], 5)).toEqual(["a"]);
    (await import("../src/session")).forget();
    expect(draft(ROUND, ["a"], 5)).toEqual([]);
  });

  it("is forgotten with the account when that is asked for", async () => {
    await signedIn();
    const { keys, load, save, forgetAllOf } = await import("../src/store");
    save("receipt.x", { secret: "s" });
    save("objection.x", "words");
    save("mode", "elder");
    forgetAllOf("someone");
    expect(keys("receipt.")).toEqual([]);
    expect(load("objection.x", null)).toBeNull();
    expect(load("mode", "normal")).toBe("elder");
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

  it("is taken over from another page of this phone, renewed or ended there", async () => {
    await signedIn();
    const session = await import("../src/session");
    const other = { access: "h.x.other", refresh: "r9", until: Date.now() + 900_000, who: "someone" };
    storage.setItem("gongyi.session", JSON.stringify(other));
    const sent = answers();
    expect(await session.accessToken()).toBe("h.x.other");
    expect(sent).toEqual([]);
    storage.removeItem("gongyi.session");
    expect(await session.accessToken()).toBeNull();
    expect(session.signedIn()).toBe(false);
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
