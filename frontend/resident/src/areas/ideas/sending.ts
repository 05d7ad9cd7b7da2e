/** Sending an idea with its photos, and comments: at once, or kept until there is a line. Sent twice, each is there once. */

import { answer, api, type Schemas } from "@gongyi/shared/api/client";
import { onDelivered, onOutbox, pack, parcels, type Parcel } from "@gongyi/shared/outbox";
import { Offline, Refusal } from "@gongyi/shared/problems";
import { who } from "@gongyi/shared/session";
import { keys, load, randomHex, save } from "@gongyi/shared/store";
import { onScopeDispose, ref, type Ref } from "vue";

export type Sent = "sent" | "waiting";

/** A picture on its way: a data URL, because that is what the phone's storage keeps. */
export interface Picture {
  data: string;
  /** What it shows, for those who cannot see it. */
  alt: string;
}

interface KeptPictures {
  idea: string;
  who: string | null;
  pictures: Picture[];
}

const IDEA = "idea", COMMENT = "comment", PICTURES = "pictures.";

/** The line was lost, or the service is away: the same thing will work later. A limit is an answer, and is shown. */
const lost = (error: unknown): boolean => error instanceof Offline || (error instanceof Refusal && error.status >= 500);

/** An id as the service expects it. */
export function newId(): string {
  const hex = randomHex(16);
  const variant = "89ab"[parseInt(hex[16]!, 16) % 4]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export async function sendIdea(id: string, body: Schemas["IdeaIn"], pictures: Picture[]): Promise<Sent> {
  if (pictures.length > 0) save(PICTURES + id, { idea: id, who: who(), pictures } satisfies KeptPictures);
  try {
    await answer(api.PUT("/api/v1/ideas/{idea_id}", { params: { path: { idea_id: id } }, body }));
  } catch (error) {
    if (!lost(error)) {
      save(PICTURES + id, null);
      throw error;
    }
    pack({ kind: IDEA, method: "PUT", path: `/api/v1/ideas/${id}`, body, subject: body.title });
    return "waiting";
  }
  await sendPictures();
  return picturesLeft(id) > 0 ? "waiting" : "sent";
}

export async function sendComment(id: string, body: Schemas["CommentIn"]): Promise<Schemas["CommentThread"] | null> {
  try {
    return await answer(api.PUT("/api/v1/comments/{comment_id}", { params: { path: { comment_id: id } }, body }));
  } catch (error) {
    if (!lost(error)) throw error;
    pack({ kind: COMMENT, method: "PUT", path: `/api/v1/comments/${id}`, body, subject: body.subject_id });
    return null;
  }
}

/** How many photos of an idea this phone still has to send. */
export const picturesLeft = (id: string): number => load<KeptPictures | null>(PICTURES + id, null)?.pictures.length ?? 0;

let sending = false;

/** Send the photos of ideas that have arrived, one after another; what the service does not take is given up. */
export async function sendPictures(): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (const name of keys(PICTURES)) {
      const kept = load<KeptPictures | null>(name, null);
      const before = kept === null || parcels(IDEA).some((parcel) => parcel.path.endsWith(kept.idea) && parcel.problem === undefined);
      if (kept === null || before || kept.who !== who()) continue;
      while (kept.pictures[0] !== undefined) {
        try {
          await sendPicture(kept.idea, kept.pictures[0]);
        } catch (error) {
          if (lost(error) || (error instanceof Refusal && error.status === 401)) return;
        }
        kept.pictures.shift();
        save(name, kept.pictures.length > 0 ? kept : null);
      }
    }
  } finally {
    sending = false;
  }
}

async function sendPicture(idea: string, picture: Picture): Promise<void> {
  const form = new FormData();
  form.append("file", blobOf(picture.data), "photo.jpg");
  form.append("alt", picture.alt);
  await answer(
    api.POST("/api/v1/ideas/{idea_id}/photos", {
      params: { path: { idea_id: idea } },
      // the description knows a form as an object
      body: form as unknown as { file: string; alt: string },
    }),
  );
}

function blobOf(data: string): Blob {
  const text = atob(data.slice(data.indexOf(",") + 1));
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type: "image/jpeg" });
}

/** The other way round. */
export function dataOf(blob: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** What of a kind waits for a line, as screens can watch it. */
export function useWaiting(kind: "idea" | "comment"): Ref<Parcel[]> {
  const waiting = ref<Parcel[]>(parcels(kind)) as Ref<Parcel[]>;
  onScopeDispose(
    onOutbox(() => {
      waiting.value = parcels(kind);
    }),
  );
  return waiting;
}

const arrivals = new Set<() => void>();

/** Call `listener` whenever something that waited has arrived. */
export function useArrivals(listener: () => void): void {
  arrivals.add(listener);
  onScopeDispose(() => arrivals.delete(listener));
}

onDelivered(IDEA, () => {
  arrivals.forEach((each) => each());
  setTimeout(() => void sendPictures(), 0); // the parcel is gone only after this
});
onDelivered(COMMENT, () => arrivals.forEach((each) => each()));
addEventListener("online", () => void sendPictures());
void sendPictures();
