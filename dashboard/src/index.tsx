/* @refresh reload */
import "@fontsource-variable/inter";
import { render } from "solid-js/web";
import { App } from "./App.tsx";
import "./style/index.css";

const root = document.getElementById("app");
if (!root) throw new Error("The page has no element to show the dashboard in.");
render(() => <App />, root);
