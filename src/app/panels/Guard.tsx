import { Component, Suspense, type ReactNode } from "react";

interface Props {
  /** What is guarded, as the sentence calls it. */
  readonly name: string;
  readonly children: ReactNode;
}

interface State {
  readonly problem: string | null;
}

/** Keeps a fault of one part (or of loading it) inside that part: the run goes on beside it. React asks for a class here. */
export class Guard extends Component<Props, State> {
  override state: State = { problem: null };

  static getDerivedStateFromError(error: unknown): State {
    return { problem: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { name, children } = this.props;
    if (this.state.problem === null) return <Suspense>{children}</Suspense>;
    return (
      <div className="empty" role="alert">
        <p>
          {name} cannot be shown because of a fault in the page ({this.state.problem}). The run goes on; show it again, or reload
          the page once the run is over.
        </p>
        <button type="button" className="button" onClick={() => this.setState({ problem: null })}>
          Show again
        </button>
      </div>
    );
  }
}
