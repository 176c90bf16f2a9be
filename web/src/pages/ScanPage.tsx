import { useEffect, useLayoutEffect, useRef, useState, type SubmitEvent } from 'react';
import { Camera, CameraOff, CircleAlert, ImageUp } from 'lucide-react';
import { useLocation } from 'wouter';
import { useT } from '../i18n';
import { readCode, type ReadCode } from '../pay/code';
import { readFrame, readPicture } from '../pay/scan';
import { BackLink } from '../ui/BackLink';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { FileButton } from '../ui/FileButton';
import { Failure } from '../ui/Notice';
import { PageTitle } from '../ui/Page';
import '../styles/scan.css';
import { useGuid } from './requests/useGuid';

const kLookEvery_ms = 150;
const kMaxText = 1_000;

type CameraState = 'starting' | 'on' | 'refused' | 'none';

/** Looks through the camera until something was read; `onText` hears of each text, again and again. */
function Viewfinder({ onText }: { onText: (text: string) => void }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CameraState>('starting');
  const hear = useRef(onText);
  useEffect(() => {
    hear.current = onText;
  });
  // In layout: while what was found is still being loaded, this page is hidden and does not look on.
  useLayoutEffect(() => {
    let over = false;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const text = video.current && (await readFrame(video.current).catch(() => null));

      if (over) return;
      if (text) hear.current(text);
      timer = setTimeout(() => void look(), kLookEvery_ms);
    };
    const start = async () => {
      // Absent outside secure contexts, whatever the types say.
      const devices = navigator.mediaDevices as MediaDevices | undefined;
      if (!devices) return setState('none');
      try {
        stream = await devices.getUserMedia({ video: { facingMode: 'environment' } });

        if (over || !video.current) return stream.getTracks().forEach((track) => track.stop());
        video.current.srcObject = stream;
        await video.current.play();
        setState('on');
        await look();
      } catch (error) {
        const refused = error instanceof DOMException && error.name === 'NotAllowedError';

        if (!over) setState(refused ? 'refused' : 'none');
      }
    };
    void start();
    return () => {
      over = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  const off = state === 'refused' || state === 'none';
  return (
    <div className={`viewfinder${state === 'on' ? ' viewfinder-on' : ''}`}>
      <video ref={video} muted playsInline aria-label={t('scan.camera')} />
      <div className="viewfinder-state" role="status">
        {off ? (
          <>
            <CameraOff size={36} strokeWidth={1.5} aria-hidden="true" />
            <p>{t(`scan.${state}`)}</p>
          </>
        ) : (
          state === 'starting' && (
            <>
              <Camera size={36} strokeWidth={1.5} aria-hidden="true" />
              <p>{t('scan.starting')}</p>
            </>
          )
        )}
      </div>
    </div>
  );
}

/** A code or a link of somebody who is to be paid: through the camera, from a picture, or pasted. */
export default function ScanPage() {
  const t = useT();
  const [, navigate] = useLocation();
  const guid = useGuid();
  const [problem, setProblem] = useState<string>();
  const [text, setText] = useState('');
  const [pasted, setPasted] = useState<string>();
  const [busy, setBusy] = useState(false);

  /** Opens what can be paid; says of everything else what it is. */
  const open = (found: string): string | undefined => {
    const read: ReadCode = readCode(found, window.location.origin, guid);
    if (read.kind === 'request') navigate(`/r/${read.code}`);
    else if (read.kind === 'pay') navigate(`/pay?${read.search}`);
    else return t(`scan.code_${read.kind}`);
  };
  const picture = async (file: File) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const found = await readPicture(file);
      setProblem(found === null ? t('scan.noCode') : open(found));
    } catch {
      setProblem(t('scan.noPicture'));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setPasted(open(text));
  };

  return (
    <div className="stack-l scan">
      <div className="row">
        <BackLink from={/^\/($|requests$|receive$)/} fallback="/" />
        <PageTitle>{t('scan.title')}</PageTitle>
      </div>
      <Viewfinder onText={(found) => setProblem(open(found))} />
      <Failure icon={CircleAlert}>{problem}</Failure>
      <div>
        <FileButton
          accept="image/*"
          look="outline"
          block
          busy={busy}
          onFile={(file) => void picture(file)}
        >
          {!busy && <ImageUp size={18} aria-hidden="true" />}
          {t('scan.picture')}
        </FileButton>
      </div>
      <form className="stack-s" noValidate onSubmit={submit}>
        <TextField
          label={t('scan.paste')}
          value={text}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={kMaxText}
          error={pasted}
          onChange={(event) => {
            setText(event.target.value);
            setPasted(undefined);
          }}
        />
        <Button type="submit" block>
          {t('scan.go')}
        </Button>
      </form>
    </div>
  );
}
