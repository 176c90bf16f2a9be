import type { ReactNode } from 'react';
import { Dialog as AriakitDialog, DialogHeading } from '@ariakit/react/dialog';

type Props = { open: boolean; onClose: () => void; title: ReactNode; children: ReactNode };

/** A modal sheet: focus is kept inside, Escape and the scrim close it, focus returns after. */
export function Dialog({ open, onClose, title, children }: Props) {
  return (
    <AriakitDialog
      open={open}
      onClose={onClose}
      unmountOnHide
      className="dialog"
      backdrop={<div className="scrim" />}
      render={(props) => <div {...props} />}
    >
      <DialogHeading>{title}</DialogHeading>
      {children}
    </AriakitDialog>
  );
}
