import { Redirect, Route, Router, Switch } from "wouter";
import { AgentsPage } from "./agents/agents-page.tsx";
import { ApprovalsPage } from "./approvals/approvals-page.tsx";
import { ExecutionPage } from "./execution/execution-page.tsx";
import { ExecutionsPage } from "./executions/executions-page.tsx";
import { FeedProvider } from "./live/feed.tsx";
import { InboxProvider } from "./live/inbox.tsx";
import { Notice } from "./parts/notice.tsx";
import { RunPage } from "./runs/run-page.tsx";
import { SessionProvider } from "./session/session.tsx";
import { Shell } from "./shell/shell.tsx";

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
                <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={decodeURIComponent(id)} />}</Route>
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
                <Route>
                  <Notice icon="alert" title="There is no such page">
                    The address may be old. Go on with one of the pages named beside this.
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
