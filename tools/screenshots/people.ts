/** Who is at the school of the pictures; the first six are those of the demo. */
export interface SchoolPerson {
  readonly userID: string
  readonly nick: string
  /** One of the web demo's own pictures. */
  readonly avatar?: string
}

export const PEOPLE = {
  wang: { userID: 't_2001', nick: '王老师', avatar: 'lotus' },
  li: { userID: 't_2002', nick: '李老师', avatar: 'owl' },
  ming: { userID: 'p_1001', nick: '小明妈妈', avatar: 'plum' },
  hong: { userID: 'p_1002', nick: '小红爸爸', avatar: 'mountain' },
  gang: { userID: 'p_1003', nick: '小刚奶奶' },
  chen: { userID: 't_2003', nick: '陈晓燕老师', avatar: 'crane' },
  sun: { userID: 't_2004', nick: '孙国强主任' },
  zhou: { userID: 't_2005', nick: '周海涛老师', avatar: 'sun' },
  yuxuan: { userID: 'p_1004', nick: '陈宇轩妈妈', avatar: 'cat' },
  zihan: { userID: 'p_1005', nick: '刘子涵爸爸' },
  yinuo: { userID: 'p_1006', nick: '赵一诺妈妈', avatar: 'fox' },
  haoran: { userID: 'p_1007', nick: '林浩然爸爸', avatar: 'bamboo' },
  yutong: { userID: 'p_1008', nick: '吴雨桐妈妈' },
  zixuan: { userID: 'p_1009', nick: '黄梓萱爸爸', avatar: 'panda' },
  ruoxi: { userID: 'p_1010', nick: '徐若曦妈妈', avatar: 'book' },
  jiayi: { userID: 'p_1011', nick: '何嘉怡爸爸' },
} as const satisfies Record<string, SchoolPerson>

export type Name = keyof typeof PEOPLE
