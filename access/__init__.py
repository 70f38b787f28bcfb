"""Who may call and as whom. Conversations only ever see the owner that comes out of here."""
