/** The sentences of what kind a group is of: Chinese first, then English. */
export const groupKindZh = {
  gk_kind: '群类型',
  gk_all: '全部类型',
  gk_guessed: '猜：{kind}',
  gk_guess_hint: '没有人说过这个群的类型，只能按群名猜',
  gk_nothing: '未说明',
  gk_back: '按群名猜',
  gk_back_to: '按群名猜（{kind}）',
  gk_said: '已记下 {n} 个群的类型',
  gk_chosen: '已选 {n} 个群',
  gk_set: '设为类型',
  gk_do: '设定',
}

export const groupKindEn: Record<keyof typeof groupKindZh, string> = {
  gk_kind: 'Kind',
  gk_all: 'Any kind',
  gk_guessed: 'Guess: {kind}',
  gk_guess_hint: 'Nobody has said what kind of group this is; all there is to go by is its name',
  gk_nothing: 'Not said',
  gk_back: 'As the name sounds',
  gk_back_to: 'As the name sounds ({kind})',
  gk_said: 'Kind of {n} groups noted',
  gk_chosen: '{n} groups chosen',
  gk_set: 'Set the kind',
  gk_do: 'Set',
}
