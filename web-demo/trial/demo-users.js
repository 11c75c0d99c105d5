/** The users that the server creates for a trial. */
export const DEMO_USERS = [
  { userID: 't_2001', name: '王老师', role: 'teacher' },
  { userID: 'p_1001', name: '小明妈妈', role: 'parent' },
  { userID: 'administrator', name: '管理员', role: 'admin' },
]
