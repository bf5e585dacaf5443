import type { MonitorSettings } from "./settings.ts";

const en = {
  help: "Help",
  helpRaised: "Help requested",
  helpTitle: "Ask your instructor to come to you",
  helpRaisedTitle: "Your instructor has been asked to come. Click when you need no help any more.",
  helpApart: "Join a class to ask for help",
  connected: "Cell Monitor: connected",
  joining: "Cell Monitor: joining…",
  apart: "Cell Monitor: not joined",
  paused: "Cell Monitor: paused",
  waiting: "Cell Monitor: {n} unsent",
  refused: "Cell Monitor: refused",
  connectedTitle: "Your instructor sees how the class's notebooks are going.",
  joiningTitle: "The class server is being asked.",
  apartTitle: "Nothing is sent. Click to join a class.",
  pausedTitle: "Nothing is collected until you resume.",
  waitingTitle: "The class server cannot be reached; what is unsent will be sent.",
  refusedTitle: "The class server does not take what is sent. Ask your instructor.",
  category: "Cell Monitor",
  joinCommand: "Join a Class…",
  pauseCommand: "Pause Collecting",
  resumeCommand: "Resume Collecting",
  raiseCommand: "Raise Hand",
  lowerCommand: "Lower Hand",
  joinDialog: "Join a class",
  joinExplained:
    "Your instructor will see which cells of the class's notebooks you run and whether they work, and when you raise your hand.",
  join: "Join",
  cancel: "Cancel",
  serverUrl: "Class server",
  joinCode: "Join code",
  userName: "Your name",
  teamName: "Team (if you have one)",
  notebooks: "Notebooks of the class (paths, such as course/**)",
  joined: "You have joined the class.",
  incomplete: "The class server, the join code and your name are needed.",
  problem: "Cell Monitor: {reason}",
};

export type Messages = Readonly<typeof en>;

const ja: Messages = {
  help: "質問",
  helpRaised: "質問中",
  helpTitle: "先生・TAを呼びます",
  helpRaisedTitle: "先生・TAを呼んでいます。解決したらもう一度押してください。",
  helpApart: "質問するにはクラスに参加してください",
  connected: "Cell Monitor: 接続中",
  joining: "Cell Monitor: 参加中…",
  apart: "Cell Monitor: 未参加",
  paused: "Cell Monitor: 一時停止中",
  waiting: "Cell Monitor: 未送信 {n} 件",
  refused: "Cell Monitor: 受け付けられません",
  connectedTitle: "クラスのノートブックの進み具合が先生に見えています。",
  joiningTitle: "クラスのサーバーに問い合わせています。",
  apartTitle: "何も送信していません。クリックするとクラスに参加できます。",
  pausedTitle: "再開するまで何も収集しません。",
  waitingTitle: "サーバーに接続できません。未送信分はあとで送られます。",
  refusedTitle: "サーバーが受け付けていません。先生に相談してください。",
  category: "Cell Monitor",
  joinCommand: "クラスに参加…",
  pauseCommand: "収集を一時停止",
  resumeCommand: "収集を再開",
  raiseCommand: "手を挙げる",
  lowerCommand: "手を下ろす",
  joinDialog: "クラスに参加",
  joinExplained:
    "クラスのノートブックでどのセルを実行し、うまくいったか、またいつ手を挙げたかが先生に見えるようになります。",
  join: "参加",
  cancel: "キャンセル",
  serverUrl: "クラスのサーバー",
  joinCode: "参加コード",
  userName: "名前",
  teamName: "チーム(あれば)",
  notebooks: "クラスのノートブック(パス。例: course/**)",
  joined: "クラスに参加しました。",
  incomplete: "クラスのサーバー、参加コード、名前を入力してください。",
  problem: "Cell Monitor: {reason}",
};

/** @param languageCode JupyterLab's, such as `ja_JP` */
export function messagesFor(locale: MonitorSettings["locale"], languageCode: string): Messages {
  const language = locale === "auto" ? languageCode : locale;
  return language.toLowerCase().startsWith("ja") ? ja : en;
}

/** Fills `{name}` in a message. */
export function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
