/** The two ways of looking at reviews. */
export function ReviewTabs({ current }: { readonly current: 'groups' | 'list' }) {
  return (
    <nav aria-label="Ways of looking at reviews">
      <ul class="inline-list">
        <li>
          <a href="/reviews" {...(current === 'list' && { 'aria-current': 'page' as const })}>
            One by one
          </a>
        </li>
        <li>
          <a href="/reviews/groups" {...(current === 'groups' && { 'aria-current': 'page' as const })}>
            By reason
          </a>
        </li>
      </ul>
    </nav>
  );
}
