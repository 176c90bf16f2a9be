import { Component, type ReactNode } from 'react';
import { TriangleAlert } from 'lucide-react';
import { t } from '../i18n';
import { Button } from '../ui/Button';
import { Empty } from '../ui/States';

/** A fault of the page: says so and offers a fresh start. Money is safe: intents outlive a reload. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="splash" role="alert">
        <Empty
          icon={TriangleAlert}
          title={t('state.crashed')}
          action={
            <Button look="primary" onClick={() => window.location.reload()}>
              {t('action.reload')}
            </Button>
          }
        >
          {t('state.crashedBody')}
        </Empty>
      </main>
    );
  }
}
