/** The account that tips and notices come from; made by the migrations, and nobody can log in as it. */
export const SYSTEM_ACCOUNT_KEY = 1
