/** Why the last try was refused; nothing while none was. */
export function Fault({ said }: { readonly said: string | undefined }) {
  if (said === undefined) return null;
  return (
    <p className="fault" role="alert">
      {said}
    </p>
  );
}
