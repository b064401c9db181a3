/** Which page an address shows. The code of the pages that `later` names is loaded when they are opened. */
import { Redirect, Route, Router, Switch } from "wouter";
import { AgentsPage } from "./agents/agents-page.tsx";
import { ApprovalsPage } from "./approvals/approvals-page.tsx";
import { ExecutionPage } from "./execution/execution-page.tsx";
import { ExecutionsPage } from "./executions/executions-page.tsx";
import { FeedProvider } from "./live/feed.tsx";
import { InboxProvider } from "./live/inbox.tsx";
import { Later, later } from "./parts/later.tsx";
import { Notice } from "./parts/notice.tsx";
import { SessionProvider } from "./session/session.tsx";
import { Shell } from "./shell/shell.tsx";

const RUN = later(() => import("./runs/run-page.tsx").then((module) => module.RunPage));
const COMPARE = later(() => import("./compare/compare-page.tsx").then((module) => module.ComparePage));
const PLANS = later(() => import("./plans/plans-page.tsx").then((module) => module.PlansPage));
const REMOTE = later(() => import("./remote/remote-page.tsx").then((module) => module.RemotePage));
const CHAT = later(() => import("./chat/chat-page.tsx").then((module) => module.ChatPage));
const CONVERSATION = later(() => import("./chat/conversation-page.tsx").then((module) => module.ConversationPage));
const MANIFESTS = later(() => import("./manifests/manifests-page.tsx").then((module) => module.ManifestsPage));
const EXPERIMENTS = later(() => import("./experiments/experiments-page.tsx").then((module) => module.ExperimentsPage));
const SCHEDULES = later(() => import("./schedules/schedules-page.tsx").then((module) => module.SchedulesPage));
const SESSIONS = later(() => import("./sessions/sessions-page.tsx").then((module) => module.SessionsPage));
const MEMORY = later(() => import("./memory/memory-page.tsx").then((module) => module.MemoryPage));
const WEBHOOKS = later(() => import("./webhooks/webhooks-page.tsx").then((module) => module.WebhooksPage));
const METRICS = later(() => import("./operations/metrics-page.tsx").then((module) => module.MetricsPage));
const OPERATIONS = later(() => import("./operations/operations-page.tsx").then((module) => module.OperationsPage));
const KEYS = later(() => import("./keys/keys-page.tsx").then((module) => module.KeysPage));

/** The pages by their addresses, below `/ui`. */
export function App() {
  return (
    <Router base="/ui">
      <SessionProvider>
        <FeedProvider>
          <InboxProvider>
            <Shell>
              <Switch>
                <Route path="/">
                  <Redirect to="/executions" replace />
                </Route>
                <Route path="/executions" component={ExecutionsPage} />
                <Route path="/executions/:id">
                  {({ id }) => <ExecutionPage key={id} id={decodeURIComponent(id)} />}
                </Route>
                <Route path="/runs/:id">
                  {({ id }) => <Later key={id} part={RUN} props={{ id: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/compare">
                  <Later part={COMPARE} props={{}} />
                </Route>
                <Route path="/approvals">
                  <ApprovalsPage chosen={undefined} />
                </Route>
                <Route path="/approvals/:id">{({ id }) => <ApprovalsPage chosen={decodeURIComponent(id)} />}</Route>
                <Route path="/agents">
                  <AgentsPage target={undefined} />
                </Route>
                <Route path="/agents/:target">
                  {({ target }) => <AgentsPage target={decodeURIComponent(target)} />}
                </Route>
                <Route path="/plans">
                  <Later part={PLANS} props={{ chosen: undefined }} />
                </Route>
                <Route path="/plans/:id">
                  {({ id }) => <Later part={PLANS} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/remote">
                  <Later part={REMOTE} props={{}} />
                </Route>
                <Route path="/chat/:target">
                  {({ target }) => <Later key={target} part={CHAT} props={{ target: decodeURIComponent(target) }} />}
                </Route>
                <Route path="/manifests">
                  <Later part={MANIFESTS} props={{ chosen: undefined }} />
                </Route>
                <Route path="/manifests/:id">
                  {({ id }) => <Later part={MANIFESTS} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/experiments">
                  <Later part={EXPERIMENTS} props={{ chosen: undefined }} />
                </Route>
                <Route path="/experiments/:id">
                  {({ id }) => <Later part={EXPERIMENTS} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/schedules">
                  <Later part={SCHEDULES} props={{ chosen: undefined }} />
                </Route>
                <Route path="/schedules/:id">
                  {({ id }) => <Later part={SCHEDULES} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/sessions">
                  <Later part={SESSIONS} props={{ chosen: undefined }} />
                </Route>
                <Route path="/sessions/:id/:agent">
                  {({ id, agent }) => (
                    <Later
                      key={`${id}/${agent}`}
                      part={CONVERSATION}
                      props={{ session: decodeURIComponent(id), agent: decodeURIComponent(agent) }}
                    />
                  )}
                </Route>
                <Route path="/sessions/:id">
                  {({ id }) => <Later part={SESSIONS} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/webhooks">
                  <Later part={WEBHOOKS} props={{ chosen: undefined }} />
                </Route>
                <Route path="/webhooks/:id">
                  {({ id }) => <Later part={WEBHOOKS} props={{ chosen: decodeURIComponent(id) }} />}
                </Route>
                <Route path="/memory">
                  <Later part={MEMORY} props={{}} />
                </Route>
                <Route path="/metrics">
                  <Later part={METRICS} props={{}} />
                </Route>
                <Route path="/operations">
                  <Later part={OPERATIONS} props={{}} />
                </Route>
                <Route path="/keys">
                  <Later part={KEYS} props={{}} />
                </Route>
                <Route>
                  <Notice icon="alert" title="There is no such page" alone>
                    The address may be old. Go on with one of the pages in the navigation.
                  </Notice>
                </Route>
              </Switch>
            </Shell>
          </InboxProvider>
        </FeedProvider>
      </SessionProvider>
    </Router>
  );
}
