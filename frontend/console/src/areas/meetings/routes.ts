import { needWords } from "../../i18n";
import type { Route } from "../../route";

// a sub-district prints what is published, and sees no more
const verbs = ["minutes.read_drafts", "minutes.print"];

export const routes: Route[] = [
  { path: "/meetings", area: "meetings", screen: () => import("./MeetingList.vue"), verbs },
  { path: "/meetings/new", area: "meetings", screen: () => import("./CallMeeting.vue"), verbs: ["meeting.call"] },
  { path: "/meetings/:id", area: "meetings", screen: () => import("./Meeting.vue"), verbs },
  { path: "/meetings/:id/change", area: "meetings", screen: () => import("./CallMeeting.vue"), verbs: ["meeting.change"] },
  { path: "/meetings/:id/attendance", area: "meetings", screen: () => import("./Attendance.vue"), verbs: ["meeting.list_attendance"] },
  { path: "/meetings/:id/door", area: "meetings", screen: () => import("./Door.vue"), verbs: ["meeting.show_door_code"] },
  { path: "/meetings/:id/minutes", area: "meetings", screen: () => import("./Editor.vue"), verbs: ["minutes.draft"] },
  { path: "/meetings/:id/versions", area: "meetings", screen: () => import("./Versions.vue"), verbs },
  { path: "/meetings/:id/sign", area: "meetings", screen: () => import("./Sign.vue"), verbs: ["minutes.sign"] },
  { path: "/meetings/:id/resolutions/:resolution", area: "meetings", screen: () => needWords("projects").then(() => import("./RaiseProject.vue")), verbs: ["resolution.raise_project"] },
];
