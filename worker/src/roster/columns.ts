import type { RosterRow } from "@cell-monitor/protocol";

export type RosterField = keyof RosterRow;

/** What rosters call their columns, in English and Japanese, without case, blanks and signs. */
const headings: Readonly<Record<RosterField, readonly string[]>> = {
  user_id: [
    "userid",
    "username",
    "user",
    "id",
    "login",
    "loginid",
    "account",
    "studentid",
    "studentnumber",
    "studentno",
    "学籍番号",
    "学生番号",
    "学生証番号",
    "生徒番号",
    "ユーザーid",
    "ユーザid",
    "ユーザー名",
    "ユーザ名",
    "ログインid",
    "ログイン名",
    "アカウント",
  ],
  name: [
    "name",
    "fullname",
    "displayname",
    "studentname",
    "氏名",
    "名前",
    "姓名",
    "お名前",
    "学生氏名",
    "表示名",
  ],
  email: [
    "email",
    "mail",
    "emailaddress",
    "mailaddress",
    "メール",
    "メールアドレス",
    "eメール",
    "電子メール",
  ],
  team: [
    "team",
    "teamname",
    "group",
    "groupname",
    "チーム",
    "チーム名",
    "グループ",
    "グループ名",
    "班",
    "班名",
  ],
  section: ["section", "sectionname", "class", "classname", "クラス", "クラス名", "組", "セクション", "学級"],
  role: ["role", "役割", "ロール", "区分"],
};

const fields: readonly RosterField[] = ["user_id", "name", "email", "team", "section", "role"];
const fieldByHeading = new Map(
  fields.flatMap((field) => headings[field].map((name) => [name, field] as const)),
);

/** The field that a heading stands for. */
export function fieldOf(heading: string): RosterField | undefined {
  const key = heading
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  return fieldByHeading.get(key);
}

const roles: Readonly<Record<string, string>> = {
  学生: "student",
  生徒: "student",
  受講者: "student",
  learner: "student",
  ティーチングアシスタント: "ta",
  聴講: "guest",
  聴講生: "guest",
  ゲスト: "guest",
};

/** A role as it is called here. */
export function roleOf(text: string): string {
  const key = text.normalize("NFKC").trim().toLowerCase();
  return Object.hasOwn(roles, key) ? (roles[key] ?? key) : key;
}
